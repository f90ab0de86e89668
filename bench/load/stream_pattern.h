// The bytes every connection sends: a fixed random block, repeated, entered at a different place by
// each connection. A lost, doubled, swapped or foreign byte is out of its place and is found.
#ifndef HOLDFAST_BENCH_LOAD_STREAM_PATTERN_H
#define HOLDFAST_BENCH_LOAD_STREAM_PATTERN_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

class StreamPattern {
 public:
  // 16381 (a prime) words of 8 bytes: no two connections below that number share an entry point.
  static constexpr size_t kPeriodBytes = 16381 * 8;
  // What is sent, received or compared at a time.
  static constexpr size_t kChunkBytes = 65536;

  // Framed: printable, and each kMessageBytes of a stream are one message for two codecs: four
  // bytes that say, in network order, how many follow, and the only line feed at its end.
  explicit StreamPattern(bool framed = false);
  static constexpr size_t kMessageBytes = 64;

  // The bytes at `offset` of the stream of a connection; up to kChunkBytes of them are readable.
  const uint8_t* At(uint32_t connection, uint64_t offset) const;

  // Whether `length` received bytes are those of the stream from `offset` on.
  bool Matches(uint32_t connection, uint64_t offset, const uint8_t* bytes, size_t length) const;

 private:
  size_t period_bytes_;
  size_t step_bytes_;
  std::vector<uint8_t> looped_;  // the block, and its first kChunkBytes once more
};

// Sum of the little-endian 64-bit words of a stream, modulo 2^64; `offset` places the first byte.
// The same for a stream however it was cut into reads.
uint64_t Checksum(uint64_t offset, const uint8_t* bytes, size_t length);

}  // namespace bench

#endif
