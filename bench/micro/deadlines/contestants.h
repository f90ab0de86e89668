// Who keeps a million deadlines, each in simulated time and under the same traffic.
#ifndef HOLDFAST_BENCH_MICRO_DEADLINES_CONTESTANTS_H
#define HOLDFAST_BENCH_MICRO_DEADLINES_CONTESTANTS_H

#include <cstdint>

namespace bench {

struct Scale {
  uint32_t connections = 1'000'000;
  uint32_t seconds = 180;  // of simulated time
};

constexpr uint32_t kIdleMs = 60'000;
// Not measured: all have come by the first of these, and been armed as they will be by the second.
constexpr uint32_t kArrivalSeconds = 20;
constexpr uint32_t kWarmupSeconds = kArrivalSeconds + kIdleMs / 1000 + 10;

struct Figures {
  double deadline_cpu_percent = 0;  // of a core, traffic aside
  double message_ns = 0;            // CPU of taking one message
  double deadline_bytes = 0;        // memory of one deadline
  uint64_t messages = 0;
};

// A whole reactor, its connections with an idle time or without.
Figures RunReactor(const Scale& scale, bool with_deadlines);
// A uv_timer_t for each connection, moved by each message.
Figures RunTimers(const Scale& scale);

// The wheel by itself: bytes for each of so many deadlines, its buckets and lists included.
double MeasureWheelBytes(uint32_t deadlines);

}  // namespace bench

#endif
