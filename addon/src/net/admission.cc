#include "net/admission.h"
#include <algorithm>

#include "base/check.h"

namespace holdfast {

namespace {
constexpr size_t kForgetAtLeast = 1024;
}

Admission::Admission(AdmissionOptions options, uint64_t seed, uint64_t now_ms)
    : options_(std::move(options)),
      inside_by_rule_(options_.rules.size()),
      addresses_(0, PrefixHash{seed}),
      global_(options_.rate, now_ms),
      forget_at_(kForgetAtLeast) {
  HF_CHECK(options_.rules.size() < kNoRule);
  for (uint16_t index = 0; index < options_.rules.size(); ++index) {
    rules_.Add(options_.rules[index].prefix, index);
  }
}

// In the order of what can be changed least: who it is, how many there are, how fast they come. No
// token is taken from anybody for an arrival that another limit refuses.
Admission::Verdict Admission::Enter(const Address& peer, uint64_t now_ms) {
  const uint16_t rule = rules_.Find(peer);
  if (rule == kNoRule ? options_.deny_others : options_.rules[rule].deny) {
    return {Refusal::kBlocked};
  }
  if (options_.connections != 0 && inside_ >= options_.connections) {
    return {Refusal::kMaxConnections};
  }
  if (rule != kNoRule) {
    const uint32_t most = options_.rules[rule].connections;
    if (most != 0 && inside_by_rule_[rule] >= most) return {Refusal::kPerAddress};
  }
  PerAddress* address = nullptr;
  if (KeepsAddresses()) {
    ForgetQuiet(now_ms);
    const Prefix prefix = PrefixOf(peer, options_.v4_bits, options_.v6_bits);
    address =
        &addresses_
             .try_emplace(prefix, PerAddress{0, TokenBucket(options_.rate_per_address, now_ms)})
             .first->second;
    const uint32_t most = options_.connections_per_address;
    if (most != 0 && address->connections >= most) return {Refusal::kPerAddress};
  }
  if (options_.rate.limits() && global_.WaitMs(options_.rate, now_ms) > 0) {
    return {Refusal::kRate};
  }
  if (options_.rate_per_address.limits() &&
      !address->bucket.Take(options_.rate_per_address, now_ms)) {
    return {Refusal::kRate};
  }
  if (options_.rate.limits()) HF_CHECK(global_.Take(options_.rate, now_ms));
  if (address != nullptr) ++address->connections;
  if (rule != kNoRule) ++inside_by_rule_[rule];
  ++inside_;
  return {Refusal::kNone, rule};
}

void Admission::Leave(const Address& peer, uint16_t rule, uint64_t now_ms) {
  HF_CHECK(inside_ > 0);
  --inside_;
  if (rule != kNoRule) --inside_by_rule_[rule];
  if (!KeepsAddresses()) return;
  const auto found = addresses_.find(PrefixOf(peer, options_.v4_bits, options_.v6_bits));
  HF_CHECK(found != addresses_.end() && found->second.connections > 0);
  if (--found->second.connections > 0) return;
  // A bucket that is not full remembers how fast that address came.
  const Rate& rate = options_.rate_per_address;
  if (!rate.limits() || found->second.bucket.IsFull(rate, now_ms)) addresses_.erase(found);
}

Refusal Admission::Closed(uint64_t now_ms) {
  if (options_.connections != 0 && inside_ >= options_.connections) {
    return Refusal::kMaxConnections;
  }
  if (options_.rate.limits() && global_.WaitMs(options_.rate, now_ms) > 0) return Refusal::kRate;
  return Refusal::kNone;
}

// Addresses of which nothing is left but a bucket that has filled up meanwhile. Looked for when the
// table has doubled, so that it costs each arrival a constant on average.
void Admission::ForgetQuiet(uint64_t now_ms) {
  if (addresses_.size() < forget_at_) return;
  const Rate& rate = options_.rate_per_address;
  for (auto entry = addresses_.begin(); entry != addresses_.end();) {
    PerAddress& address = entry->second;
    const bool quiet = !rate.limits() || address.bucket.IsFull(rate, now_ms);
    entry = address.connections == 0 && quiet ? addresses_.erase(entry) : std::next(entry);
  }
  forget_at_ = std::max(addresses_.size() * 2, kForgetAtLeast);
}

}  // namespace holdfast
