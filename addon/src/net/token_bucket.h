#pragma once

#include <cstdint>

namespace holdfast {

// `per_second` tokens flow in, and at most `burst` are kept. 0 a second: no limit.
struct Rate {
  uint32_t per_second = 0;
  uint32_t burst = 0;

  bool limits() const { return per_second != 0; }
};

// In thousandths of a token, so that a slow rate loses nothing between two looks.
class TokenBucket {
 public:
  explicit TokenBucket(const Rate& rate, uint64_t now_ms)
      : millitokens_(uint64_t{rate.burst} * 1000), at_ms_(now_ms) {}

  // Takes one token if there is one.
  bool Take(const Rate& rate, uint64_t now_ms) {
    Fill(rate, now_ms);
    if (millitokens_ < 1000) return false;
    millitokens_ -= 1000;
    return true;
  }

  // Milliseconds until there is a token; 0: now.
  uint64_t WaitMs(const Rate& rate, uint64_t now_ms) {
    Fill(rate, now_ms);
    if (millitokens_ >= 1000) return 0;
    return (1000 - millitokens_ + rate.per_second - 1) / rate.per_second;
  }

  bool IsFull(const Rate& rate, uint64_t now_ms) {
    Fill(rate, now_ms);
    return millitokens_ == uint64_t{rate.burst} * 1000;
  }

 private:
  void Fill(const Rate& rate, uint64_t now_ms) {
    if (now_ms <= at_ms_) return;
    const uint64_t most = uint64_t{rate.burst} * 1000;
    const uint64_t elapsed_ms = now_ms - at_ms_;
    at_ms_ = now_ms;
    // A bucket that nobody looked at for long is full; the product below must not overflow.
    const uint64_t missing = most - millitokens_;
    const uint64_t flown = elapsed_ms > missing ? missing : elapsed_ms * rate.per_second;
    millitokens_ += flown < missing ? flown : missing;
  }

  uint64_t millitokens_;
  uint64_t at_ms_;
};

}  // namespace holdfast
