// Counts of latencies, log-linear: exact below 1,024 ns, 1,024 steps a doubling above. Those are
// the buckets of an HdrHistogram of three significant digits, into which the harness records them.
#ifndef HOLDFAST_BENCH_LOAD_LATENCY_H
#define HOLDFAST_BENCH_LOAD_LATENCY_H

#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "report.h"

namespace bench {

class LatencyHistogram {
 public:
  void Record(uint64_t ns) { counts_[IndexOf(ns)]++; }
  void Clear() { counts_.fill(0); }

  // Every bucket that is not empty: its smallest value and its count.
  void AddTo(JsonLine& line) const {
    std::string pairs;
    for (size_t i = 0; i < counts_.size(); i++) {
      if (counts_[i] == 0) continue;
      if (!pairs.empty()) pairs += ',';
      pairs += '[' + std::to_string(LowestNsOf(i)) + ',' + std::to_string(counts_[i]) + ']';
    }
    line.AddList("latencyNs", pairs);
  }

 private:
  static constexpr uint32_t kStepBits = 10;
  static constexpr uint64_t kSteps = 1u << kStepBits;

  static size_t IndexOf(uint64_t ns) {
    if (ns < kSteps) return ns;
    const uint32_t shift = static_cast<uint32_t>(std::bit_width(ns)) - 1 - kStepBits;
    return (shift + 1) * kSteps + ((ns >> shift) - kSteps);
  }

  static uint64_t LowestNsOf(size_t index) {
    if (index < kSteps) return index;
    const uint64_t shift = index / kSteps - 1;
    return (kSteps + index % kSteps) << shift;
  }

  std::array<uint32_t, (64 - kStepBits + 1) * kSteps> counts_{};
};

}  // namespace bench

#endif
