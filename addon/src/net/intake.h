#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/check.h"
#include "net/token_bucket.h"
#include "time/wheel.h"

namespace holdfast {

// So many tokens are one ping: a rate's tokens a second then are pings a minute.
inline constexpr uint32_t kPingTokens = 60;

// What each connection of a listener may make us receive.
struct IntakeOptions {
  Rate bytes = {};
  Rate pings = {};  // in tokens of kPingTokens a ping
  // The connection ends at the first byte or ping too many; else it is not read for a while.
  bool ends_fast = false;
  bool ends_pinging = false;

  bool Any() const { return bytes.limits() || pings.limits(); }
};

// What one connection may make us receive now.
class Intake {
 public:
  Intake() = default;
  Intake(const IntakeOptions& options, uint64_t now_ms)
      : bytes_(options.bytes, now_ms), pings_(options.pings, now_ms) {}

  // Most bytes of one receive. One that is to end is let have one byte too many, which tells it
  // from one that has kept to the limit.
  uint32_t Allowed(const IntakeOptions& options, uint64_t now_ms) {
    if (!options.bytes.limits()) return UINT32_MAX;
    return bytes_.Available(options.bytes, now_ms) + (options.ends_fast ? 1 : 0);
  }

  // At most as many as were allowed. False: one too many.
  bool Received(const IntakeOptions& options, uint32_t bytes, uint64_t now_ms) {
    if (!options.bytes.limits() || bytes_.Take(options.bytes, now_ms, bytes)) return true;
    HF_CHECK(options.ends_fast);
    return false;
  }

  // False: one too many. It is owed, and paid for before anything else is received: every one of
  // them, though a chunk may hold thousands, for else who sends many at once is allowed more.
  bool Pinged(const IntakeOptions& options, uint64_t now_ms) {
    return !options.pings.limits() || pings_.Charge(options.pings, now_ms, kPingTokens);
  }

  // Whether reading has to stop: nothing is allowed, or something is owed.
  bool IsExhausted(const IntakeOptions& options, uint64_t now_ms) {
    return PingsWaitMs(options, now_ms) > 0 || Allowed(options, now_ms) == 0;
  }

  // Until reading may go on; 0: now.
  uint64_t WaitMs(const IntakeOptions& options, uint64_t now_ms) {
    const uint64_t owed_ms = PingsWaitMs(options, now_ms);
    if (!options.bytes.limits() || options.ends_fast) return owed_ms;
    return std::max(owed_ms, bytes_.WaitMs(options.bytes, now_ms, Worthwhile(options.bytes)));
  }

  WheelNode release;  // when reading is to go on

 private:
  uint64_t PingsWaitMs(const IntakeOptions& options, uint64_t now_ms) {
    return options.pings.limits() ? pings_.WaitMs(options.pings, now_ms, 0) : 0;
  }

  // A receive costs the same for one byte as for thousands, so what a quarter of a second brings is
  // waited for (decision 0017 has the figures). Half a burst at most: a bucket that is full while
  // it waits for the wheel loses tokens.
  static uint32_t Worthwhile(const Rate& rate) {
    return std::max(1u, std::min(rate.per_second / 4, rate.burst / 2));
  }

  TokenBucket bytes_;
  TokenBucket pings_;
};

static_assert(sizeof(void*) != 8 || sizeof(Intake) == 48);

// The intakes of limited connections, by slot, and the wheel on which they wait. It grows to the
// last slot of a limited connection: 48 bytes each.
class IntakeTable {
 public:
  explicit IntakeTable(uint64_t now_tick) : waiting_(Nodes{&intakes_}, now_tick) {}
  IntakeTable(const IntakeTable&) = delete;
  IntakeTable& operator=(const IntakeTable&) = delete;

  void Open(uint32_t slot, const IntakeOptions& options, uint64_t now_ms) {
    if (slot >= intakes_.size()) intakes_.resize(slot + 1);
    HF_CHECK(!intakes_[slot].release.armed);
    intakes_[slot] = Intake(options, now_ms);
  }

  Intake& At(uint32_t slot) {
    HF_CHECK(slot < intakes_.size());
    return intakes_[slot];
  }

  void ReleaseAt(uint32_t slot, uint64_t tick) { waiting_.Schedule(slot, tick); }
  void Forget(uint32_t slot) { waiting_.Cancel(slot); }
  std::optional<uint64_t> NextTick() const { return waiting_.NextTick(); }

  // Calls `release(slot)` for each whose time has come.
  template <class Release>
  void Advance(uint64_t now_tick, Release release) {
    waiting_.Advance(now_tick, release);
  }

 private:
  struct Nodes {
    std::vector<Intake>* intakes;
    WheelNode& operator()(uint32_t slot) { return (*intakes)[slot].release; }
  };

  std::vector<Intake> intakes_;
  Wheel<Nodes> waiting_;
};

}  // namespace holdfast
