// When a million clients send something: each after a pause of its own, drawn anew each time.
#ifndef HOLDFAST_BENCH_MICRO_DEADLINES_TRAFFIC_H
#define HOLDFAST_BENCH_MICRO_DEADLINES_TRAFFIC_H

#include <cstdint>
#include <random>
#include <vector>

namespace bench {

// Steps of simulated time, as long as one of the wheel.
constexpr uint32_t kStepMs = 50;
constexpr uint32_t kStepsPerSecond = 1000 / kStepMs;

class Traffic {
 public:
  // Nobody is silent for the idle time of 60 s: 10 to 50 s, 30 on average.
  static constexpr uint32_t kLeastSteps = 10 * kStepsPerSecond;
  static constexpr uint32_t kMostSteps = 50 * kStepsPerSecond;

  Traffic() : calendar_(kMostSteps + 1) {}

  // A client that was here just now: it comes again.
  void Plan(uint32_t client) {
    calendar_[(step_ + pause_(random_)) % calendar_.size()].push_back(client);
  }

  // Those that send in the next step; a reference until the step after it.
  const std::vector<uint32_t>& Next() {
    std::vector<uint32_t>& due = calendar_[++step_ % calendar_.size()];
    now_.swap(due);
    due.clear();
    return now_;
  }

 private:
  std::mt19937 random_{1};  // the same traffic for every contestant
  std::uniform_int_distribution<uint32_t> pause_{kLeastSteps, kMostSteps};
  std::vector<std::vector<uint32_t>> calendar_;
  std::vector<uint32_t> now_;
  uint64_t step_ = 0;
};

}  // namespace bench

#endif
