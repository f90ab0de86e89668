// The counted part of a run: warm-up, then a window whose two ends read all clocks at once.
#ifndef HOLDFAST_BENCH_LOAD_WINDOW_H
#define HOLDFAST_BENCH_LOAD_WINDOW_H

#include <cstdint>

#include "clocks.h"
#include "machine_time.h"
#include "options.h"
#include "report.h"

namespace bench {

class Window {
 public:
  explicit Window(const Options& options)
      : server_pid_(options.clock_pid),
        server_clock_(server_pid_ == 0 ? CLOCK_MONOTONIC : CpuClockOf(server_pid_)),
        opens_at_ns_(NowNs() + options.warmup_ms * kNsPerMs),
        measure_ns_(options.measure_ms * kNsPerMs) {}

  bool IsOpen() const { return state_ == State::kOpen; }
  bool IsOver() const { return state_ == State::kOver; }

  // For a run that opens and closes it by itself.
  void Open() {
    begin_ = Read(0);
    state_ = State::kOpen;
  }
  void Close(uint64_t operations) {
    end_ = Read(operations);
    state_ = State::kOver;
  }

  // Called once a turn with what has been counted so far.
  void Advance(uint64_t now_ns, uint64_t operations) {
    if (state_ == State::kWarmup && now_ns >= opens_at_ns_) {
      begin_ = Read(operations);
      state_ = State::kOpen;
    } else if (state_ == State::kOpen && now_ns >= begin_.wall_ns + measure_ns_) {
      end_ = Read(operations);
      state_ = State::kOver;
    }
  }

  void AddTo(JsonLine& line) const {
    line.Add("operations", end_.operations - begin_.operations)
        .Add("wallNs", end_.wall_ns - begin_.wall_ns)
        .Add("loadCpuNs", end_.load_cpu_ns - begin_.load_cpu_ns)
        .Add("machineBusyNs", end_.machine.busy_ns - begin_.machine.busy_ns)
        .Add("machineStolenNs", end_.machine.stolen_ns - begin_.machine.stolen_ns);
    if (server_pid_ != 0) line.Add("serverCpuNs", end_.server_cpu_ns - begin_.server_cpu_ns);
  }

 private:
  static constexpr uint64_t kNsPerMs = 1'000'000;
  enum class State { kWarmup, kOpen, kOver };
  struct Reading {
    uint64_t operations = 0;
    uint64_t wall_ns = 0;
    uint64_t server_cpu_ns = 0;
    uint64_t load_cpu_ns = 0;
    MachineTime machine;
  };

  Reading Read(uint64_t operations) const {
    return {operations, NowNs(), ReadClockNs(server_clock_), ReadClockNs(CLOCK_PROCESS_CPUTIME_ID),
            ReadMachineTime()};
  }

  int32_t server_pid_;
  clockid_t server_clock_;
  uint64_t opens_at_ns_;
  uint64_t measure_ns_;
  State state_ = State::kWarmup;
  Reading begin_;
  Reading end_;
};

}  // namespace bench

#endif
