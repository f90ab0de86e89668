#include "net/crc32c.h"

#include <array>

namespace holdfast {

namespace {
constexpr uint32_t kReversedPolynomial = 0x82f63b78;

constexpr std::array<uint32_t, 256> kTable = [] {
  std::array<uint32_t, 256> table = {};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ (rest & 1 ? kReversedPolynomial : 0);
    table[byte] = rest;
  }
  return table;
}();
}  // namespace

uint32_t Crc32c(std::span<const std::byte> bytes, uint32_t before) {
  uint32_t rest = ~before;
  for (const std::byte byte : bytes) {
    rest = rest >> 8 ^ kTable[(rest ^ static_cast<uint32_t>(byte)) & 0xff];
  }
  return ~rest;
}

}  // namespace holdfast
