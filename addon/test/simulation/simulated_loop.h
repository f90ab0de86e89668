#pragma once

#include <utility>

#include "base/check.h"
#include "reactor/loop.h"

namespace holdfast::simulation {

// What the loop and whoever drives it share; it outlives the reactor that owns the loop.
struct Schedule {
  uint64_t now_ms = 0;
  bool turning = false;
  std::optional<uint64_t> wake_at_ms;
  uint32_t references = 0;
  bool stopped = false;
  LoopCalls calls;

  // As libuv: a timer runs once, and is set again or not.
  void RunTimer() {
    if (stopped || !wake_at_ms || *wake_at_ms > now_ms) return;
    wake_at_ms.reset();
    calls.on_wake();
  }
};

class SimulatedLoop final : public Loop {
 public:
  explicit SimulatedLoop(Schedule* schedule) : schedule_(*schedule) {}

  void Start(LoopCalls calls) override { schedule_.calls = std::move(calls); }
  uint64_t NowMs() const override { return schedule_.now_ms; }
  void KeepTurning(bool on) override { schedule_.turning = on; }
  void WakeAt(std::optional<uint64_t> at_ms) override { schedule_.wake_at_ms = at_ms; }
  void Reference() override { ++schedule_.references; }
  void Unreference() override {
    HF_CHECK(schedule_.references > 0);
    --schedule_.references;
  }
  void Stop(std::function<void()> done) override {
    schedule_.stopped = true;
    done();
  }

 private:
  Schedule& schedule_;
};

}  // namespace holdfast::simulation
