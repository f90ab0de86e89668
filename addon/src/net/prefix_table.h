#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "net/prefix.h"

namespace holdfast {

inline constexpr uint16_t kNoRule = 0xffff;

// Networks, each with a number. The longest prefix that covers an address decides.
class PrefixTable {
 public:
  // `number` is below kNoRule; a network that comes twice has the later one.
  void Add(const Prefix& prefix, uint16_t number) {
    const auto at = std::find_if(lengths_.begin(), lengths_.end(), [&](const OfLength& length) {
      return length.bits < prefix.bits ||
             (length.bits == prefix.bits && length.family == prefix.family);
    });
    const bool known =
        at != lengths_.end() && at->bits == prefix.bits && at->family == prefix.family;
    OfLength& length = known ? *at : *lengths_.insert(at, OfLength{prefix.family, prefix.bits, {}});
    length.numbers[prefix] = number;
  }

  // kNoRule when none covers it.
  uint16_t Find(const Address& address) const {
    for (const OfLength& length : lengths_) {
      // Cut to a length of the other family it can match nothing there, for the family is part of
      // it.
      const auto found = length.numbers.find(PrefixOf(address, length.bits, length.bits));
      if (found != length.numbers.end()) return found->second;
    }
    return kNoRule;
  }

 private:
  // One table for each length that a network has, longest first.
  struct OfLength {
    uint8_t family;
    uint8_t bits;
    std::unordered_map<Prefix, uint16_t, PrefixHash> numbers;
  };
  std::vector<OfLength> lengths_;
};

}  // namespace holdfast
