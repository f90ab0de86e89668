#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/reason.h"
#include "net/prefix_table.h"
#include "net/token_bucket.h"

namespace holdfast {

// What a rule says of the addresses it covers. The longest prefix that covers an address decides.
struct AddressRule {
  Prefix prefix;
  bool deny = false;
  uint32_t connections = 0;  // of all its addresses together; 0: no limit
};

struct AdmissionOptions {
  uint32_t connections = 0;              // of the listener; 0: no limit, here and below
  uint32_t connections_per_address = 0;  // an address is its first `v4_bits` or `v6_bits`
  uint32_t v4_bits = 32;
  uint32_t v6_bits = 64;
  Rate rate = {};
  Rate rate_per_address = {};
  std::vector<AddressRule> rules = {};
  bool deny_others = false;  // addresses that no rule covers

  bool Any() const {
    return connections != 0 || connections_per_address != 0 || rate.limits() ||
           rate_per_address.limits() || !rules.empty() || deny_others;
  }
};

// The door of a listener: counts who is inside, exactly, and says whether one more may enter.
class Admission {
 public:
  struct Verdict {
    Refusal cause = Refusal::kNone;  // kNone: admitted, and counted
    uint16_t rule = kNoRule;         // to be handed back to Leave
  };

  Admission(AdmissionOptions options, uint64_t seed, uint64_t now_ms);

  Verdict Enter(const Address& peer, uint64_t now_ms);
  // Once for each admitted peer.
  void Leave(const Address& peer, uint16_t rule, uint64_t now_ms);

  // Why nobody at all can be admitted now, or kNone.
  Refusal Closed(uint64_t now_ms);
  // Until the rate admits another.
  uint64_t RateWaitMs(uint64_t now_ms) { return global_.WaitMs(options_.rate, now_ms); }

  uint32_t inside() const { return inside_; }
  size_t addresses() const { return addresses_.size(); }

 private:
  struct PerAddress {
    uint32_t connections = 0;
    TokenBucket bucket;
  };

  bool KeepsAddresses() const {
    return options_.connections_per_address != 0 || options_.rate_per_address.limits();
  }
  void ForgetQuiet(uint64_t now_ms);

  const AdmissionOptions options_;
  PrefixTable rules_;
  std::vector<uint32_t> inside_by_rule_;
  std::unordered_map<Prefix, PerAddress, PrefixHash> addresses_;
  TokenBucket global_;
  uint32_t inside_ = 0;
  size_t forget_at_;  // size of the table at which quiet addresses are looked for
};

}  // namespace holdfast
