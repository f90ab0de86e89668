#include "stream_pattern.h"

#include <cstring>

namespace bench {

StreamPattern::StreamPattern(bool framed)
    : period_bytes_(framed ? 1021 * kMessageBytes : kPeriodBytes),
      step_bytes_(framed ? 619 * kMessageBytes : 7919 * 8),
      looped_(period_bytes_ + kChunkBytes) {
  // splitmix64 with a fixed seed: every run sends the same bytes.
  uint64_t state = 0x686f6c6466617374;
  for (size_t i = 0; i < period_bytes_; i += sizeof state) {
    state += 0x9e3779b97f4a7c15;
    uint64_t word = state;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    word ^= word >> 31;
    std::memcpy(&looped_[i], &word, sizeof word);
  }
  if (framed) {
    for (size_t i = 0; i < period_bytes_; ++i) looped_[i] = 'a' + looped_[i] % 26;
    for (size_t i = 0; i < period_bytes_; i += kMessageBytes) {
      const uint8_t length[] = {0, 0, 0, kMessageBytes - 4};
      std::memcpy(&looped_[i], length, sizeof length);
      looped_[i + kMessageBytes - 1] = '\n';
    }
  }
  for (size_t i = 0; i < kChunkBytes; ++i) looped_[period_bytes_ + i] = looped_[i % period_bytes_];
}

const uint8_t* StreamPattern::At(uint32_t connection, uint64_t offset) const {
  return &looped_[(connection * uint64_t{step_bytes_} + offset) % period_bytes_];
}

bool StreamPattern::Matches(uint32_t connection, uint64_t offset, const uint8_t* bytes,
                            size_t length) const {
  while (length > 0) {
    const size_t part = length < kChunkBytes ? length : kChunkBytes;
    if (std::memcmp(bytes, At(connection, offset), part) != 0) return false;
    bytes += part;
    offset += part;
    length -= part;
  }
  return true;
}

uint64_t Checksum(uint64_t offset, const uint8_t* bytes, size_t length) {
  uint64_t sum = 0;
  while (length > 0 && offset % 8 != 0) {
    sum += static_cast<uint64_t>(*bytes++) << (8 * (offset++ % 8));
    length--;
  }
  for (; length >= 8; length -= 8, bytes += 8) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    sum += word;
  }
  for (size_t i = 0; i < length; i++) sum += static_cast<uint64_t>(bytes[i]) << (8 * i);
  return sum;
}

}  // namespace bench
