#pragma once

#include <cstdint>

namespace holdfast::simulation {

// xoshiro256** (Blackman and Vigna), its state filled by splitmix64: the same numbers everywhere,
// which the distributions of <random> do not promise.
class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15ull;
      uint64_t x = seed;
      x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
      x = (x ^ x >> 27) * 0x94d049bb133111ebull;
      word = x ^ x >> 31;
    }
  }

  uint64_t Next() {
    const uint64_t result = Rotate(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = Rotate(state_[3], 45);
    return result;
  }

  // 0 .. bound - 1.
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>((Next() >> 32) * bound >> 32); }
  uint32_t Between(uint32_t least, uint32_t most) { return least + Below(most - least + 1); }
  bool Chance(uint32_t per_mille) { return Below(1000) < per_mille; }

 private:
  static constexpr uint64_t Rotate(uint64_t x, int by) { return x << by | x >> (64 - by); }

  uint64_t state_[4];
};

}  // namespace holdfast::simulation
