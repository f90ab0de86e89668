#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "platform/address.h"

namespace holdfast {

// The first bits of an address, the rest zero (RFC 4632, RFC 4291). An IPv4 address that came over
// a dual-stack socket (::ffff:a.b.c.d) counts as the IPv4 address that it is.
struct Prefix {
  uint64_t high = 0;  // in network order, the first bit the most significant
  uint64_t low = 0;
  uint8_t family = 0;
  uint8_t bits = 0;

  bool operator==(const Prefix&) const = default;
};

constexpr uint64_t FirstBits(uint64_t word, uint32_t bits) {
  if (bits >= 64) return word;
  return bits == 0 ? 0 : word & ~uint64_t{0} << (64 - bits);
}

// More bits than an address has are all of its bits.
inline Prefix PrefixOf(const Address& address, uint32_t v4_bits, uint32_t v6_bits) {
  const auto load = [&address](uint32_t from, uint32_t count) {
    uint64_t word = 0;
    for (uint32_t i = 0; i < count; ++i) word = word << 8 | address.bytes[from + i];
    return word;
  };
  const bool mapped = address.family == 6 && load(0, 8) == 0 && load(8, 4) == 0xffff;
  if (address.family == 4 || mapped) {
    const uint32_t bits = std::min(v4_bits, 32u);
    const uint64_t word = load(mapped ? 12 : 0, 4) << 32;
    return {FirstBits(word, bits), 0, 4, static_cast<uint8_t>(bits)};
  }
  const uint32_t bits = std::min(v6_bits, 128u);
  const uint64_t low = bits <= 64 ? 0 : FirstBits(load(8, 8), bits - 64);
  return {FirstBits(load(0, 8), bits), low, 6, static_cast<uint8_t>(bits)};
}

// Clients choose their addresses, so the places they hash to must not be theirs to choose: `seed`
// is a secret of the process.
struct PrefixHash {
  uint64_t seed = 0;

  size_t operator()(const Prefix& prefix) const {
    return static_cast<size_t>(
        Mix(Mix(prefix.high ^ seed) + prefix.low + (uint64_t{prefix.family} << 8 | prefix.bits)));
  }

 private:
  // The finalizer of splitmix64.
  static constexpr uint64_t Mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
  }
};

}  // namespace holdfast
