#pragma once

#include <algorithm>
#include <cstdint>

namespace holdfast {

// `per_second` tokens flow in, and at most `burst` are kept. 0 a second: no limit.
struct Rate {
  uint32_t per_second = 0;
  uint32_t burst = 0;

  bool limits() const { return per_second != 0; }
};

// In thousandths of a token, so that a slow rate loses nothing between two looks. Asked only with a
// rate that limits. Below zero stands what is owed; 10^14 pings would overflow it.
class TokenBucket {
 public:
  TokenBucket() = default;
  explicit TokenBucket(const Rate& rate, uint64_t now_ms)
      : millitokens_(int64_t{rate.burst} * 1000), at_ms_(now_ms) {}

  // Takes all of them or none.
  bool Take(const Rate& rate, uint64_t now_ms, uint32_t tokens = 1) {
    Fill(rate, now_ms);
    if (millitokens_ < int64_t{tokens} * 1000) return false;
    millitokens_ -= int64_t{tokens} * 1000;
    return true;
  }

  // Takes them, there or not. False: some are owed.
  bool Charge(const Rate& rate, uint64_t now_ms, uint32_t tokens) {
    Fill(rate, now_ms);
    millitokens_ -= int64_t{tokens} * 1000;
    return millitokens_ >= 0;
  }

  // Whole tokens; never more than the burst.
  uint32_t Available(const Rate& rate, uint64_t now_ms) {
    Fill(rate, now_ms);
    return static_cast<uint32_t>(std::max<int64_t>(millitokens_, 0) / 1000);
  }

  // Milliseconds until there are so many, of a burst at most; 0: now. Of none: until none is owed.
  uint64_t WaitMs(const Rate& rate, uint64_t now_ms, uint32_t tokens = 1) {
    Fill(rate, now_ms);
    const int64_t wanted = int64_t{tokens} * 1000;
    if (millitokens_ >= wanted) return 0;
    return (static_cast<uint64_t>(wanted - millitokens_) + rate.per_second - 1) / rate.per_second;
  }

  bool IsFull(const Rate& rate, uint64_t now_ms) {
    Fill(rate, now_ms);
    return millitokens_ == int64_t{rate.burst} * 1000;
  }

 private:
  void Fill(const Rate& rate, uint64_t now_ms) {
    if (now_ms <= at_ms_) return;
    const uint64_t elapsed_ms = now_ms - at_ms_;
    at_ms_ = now_ms;
    const auto missing = static_cast<uint64_t>(int64_t{rate.burst} * 1000 - millitokens_);
    // A bucket that nobody looked at for long is full; the product must not overflow.
    const bool full = elapsed_ms > missing / rate.per_second;
    millitokens_ += static_cast<int64_t>(full ? missing : elapsed_ms * rate.per_second);
  }

  int64_t millitokens_ = 0;
  uint64_t at_ms_ = 0;
};

}  // namespace holdfast
