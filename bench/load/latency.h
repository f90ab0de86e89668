// A log-linear latency histogram: 64 steps per doubling, so a percentile is within 1.6 %.
#ifndef HOLDFAST_BENCH_LOAD_LATENCY_H
#define HOLDFAST_BENCH_LOAD_LATENCY_H

#include <array>
#include <bit>
#include <cstdint>

#include "report.h"

namespace bench {

class LatencyHistogram {
 public:
  void Record(uint64_t ns) {
    counts_[IndexOf(ns)]++;
    total_++;
    if (ns > max_ns_) max_ns_ = ns;
  }

  double PercentileUs(double percent) const {
    const double wanted = static_cast<double>(total_) * percent / 100;
    double seen = 0;
    for (size_t i = 0; i < counts_.size(); i++) {
      seen += static_cast<double>(counts_[i]);
      if (counts_[i] > 0 && seen >= wanted) return static_cast<double>(LowestNsOf(i)) / 1000;
    }
    return 0;
  }

  void AddTo(JsonLine& line) const {
    line.Add("p50Us", PercentileUs(50)).Add("p99Us", PercentileUs(99));
    line.Add("p999Us", PercentileUs(99.9)).Add("maxUs", static_cast<double>(max_ns_) / 1000);
  }

 private:
  static constexpr uint32_t kStepBits = 6;
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

  std::array<uint64_t, (64 - kStepBits + 1) * kSteps> counts_{};
  uint64_t total_ = 0;
  uint64_t max_ns_ = 0;
};

}  // namespace bench

#endif
