#pragma once

#include <cstdint>

namespace holdfast {

// `per_second` tokens flow in, and at most `burst` are kept. 0 a second: no limit.
struct Rate {
  uint32_t per_second = 0;
  uint32_t burst = 0;

  bool limits() const { return per_second != 0; }
};

// In thousandths of a token, so that a slow rate loses nothing between two looks. Asked only with a
// rate that limits.
class TokenBucket {
 public:
  TokenBucket() = default;
  explicit TokenBucket(const Rate& rate, uint64_t now_ms)
      : millitokens_(uint64_t{rate.burst} * 1000), at_ms_(now_ms) {}

  // Takes all of them or none.
  bool Take(const Rate& rate, uint64_t now_ms, uint32_t tokens = 1) {
    Fill(rate, now_ms);
    if (millitokens_ < uint64_t{tokens} * 1000) return false;
    millitokens_ -= uint64_t{tokens} * 1000;
    return true;
  }

  // Whole tokens; never more than the burst.
  uint32_t Available(const Rate& rate, uint64_t now_ms) {
    Fill(rate, now_ms);
    return static_cast<uint32_t>(millitokens_ / 1000);
  }

  // Milliseconds until there are so many, of a burst at most; 0: now.
  uint64_t WaitMs(const Rate& rate, uint64_t now_ms, uint32_t tokens = 1) {
    Fill(rate, now_ms);
    const uint64_t wanted = uint64_t{tokens} * 1000;
    if (millitokens_ >= wanted) return 0;
    return (wanted - millitokens_ + rate.per_second - 1) / rate.per_second;
  }

  bool IsFull(const Rate& rate, uint64_t now_ms) {
    Fill(rate, now_ms);
    return millitokens_ == uint64_t{rate.burst} * 1000;
  }

 private:
  void Fill(const Rate& rate, uint64_t now_ms) {
    if (now_ms <= at_ms_) return;
    const uint64_t elapsed_ms = now_ms - at_ms_;
    at_ms_ = now_ms;
    const uint64_t missing = uint64_t{rate.burst} * 1000 - millitokens_;
    // A bucket that nobody looked at for long is full; the product must not overflow.
    const bool full = elapsed_ms > missing / rate.per_second;
    millitokens_ += full ? missing : elapsed_ms * rate.per_second;
  }

  uint64_t millitokens_ = 0;
  uint64_t at_ms_ = 0;
};

}  // namespace holdfast
