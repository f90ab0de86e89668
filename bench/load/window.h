// The counted part of a run: warm-up, then a window whose two ends read all clocks at once.
#ifndef HOLDFAST_BENCH_LOAD_WINDOW_H
#define HOLDFAST_BENCH_LOAD_WINDOW_H

#include <cstdint>

#include "options.h"
#include "reading.h"
#include "report.h"
#include "stillness.h"

namespace bench {

class Window {
 public:
  explicit Window(const Options& options)
      : server_pid_(options.clock_pid),
        server_clock_(ServerClockOf(options)),
        opens_at_ns_(NowNs() + options.warmup_ms * kNsPerMs),
        measure_ns_(options.measure_ms * kNsPerMs) {}

  bool IsOpen() const { return state_ == State::kOpen; }
  bool IsOver() const { return state_ == State::kOver; }

  // For a run that opens and closes it by itself, with nothing under way: the server's clock is
  // exact when it sleeps. What it does behind the last answer counts, and the wait for its sleep
  // does not.
  void OpenAtRest() {
    AwaitRest(server_pid_);
    begin_ = ReadAll(server_clock_);
    state_ = State::kOpen;
  }
  void CloseAtRest(uint64_t operations) {
    const uint64_t answered_at_ns = NowNs();
    AwaitRest(server_pid_);
    end_ = ReadAll(server_clock_);
    end_.wall_ns = answered_at_ns;
    operations_ = operations;
    state_ = State::kOver;
  }

  // Called once a turn with what has been counted so far. A window without anything in it says
  // nothing, so it stays open for the first; how long that may take is bounded by whoever counts.
  void Advance(uint64_t now_ns, uint64_t operations) {
    if (state_ == State::kWarmup && now_ns >= opens_at_ns_) {
      begin_ = ReadAll(server_clock_);
      operations_ = operations;
      state_ = State::kOpen;
    } else if (state_ == State::kOpen && now_ns >= begin_.wall_ns + measure_ns_ &&
               operations > operations_) {
      end_ = ReadAll(server_clock_);
      operations_ = operations - operations_;
      state_ = State::kOver;
    }
  }

  void AddTo(JsonLine& line) const {
    // CLOCK_MONOTONIC is one for all processes: what a server says about itself is placed by it.
    line.Add("operations", operations_).Add("beganAtNs", begin_.wall_ns);
    AddTimes(line, end_, begin_);
  }

 private:
  static constexpr uint64_t kNsPerMs = 1'000'000;
  enum class State { kWarmup, kOpen, kOver };

  int32_t server_pid_;
  clockid_t server_clock_;
  uint64_t opens_at_ns_;
  uint64_t measure_ns_;
  State state_ = State::kWarmup;
  Reading begin_;
  Reading end_;
  uint64_t operations_ = 0;  // before the window; when it is over, in it
};

}  // namespace bench

#endif
