// What the timer wheel of the addon costs by itself: wheel_cpu MS_PER_CASE, a JSON line for each
// operation. Deadlines of 1 to 120 s from now, in an order that has nothing to do with their time.
#include <time.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "../load/report.h"
#include "time/wheel.h"

namespace {

using bench::Fail;
using bench::JsonLine;

constexpr uint32_t kDeadlines = 100'000;
constexpr uint64_t kLeastTicks = 20;
constexpr uint64_t kMostTicks = 2400;
constexpr uint64_t kLeastSamples = 5;

struct Nodes {
  std::vector<holdfast::WheelNode>* nodes;
  holdfast::WheelNode& operator()(uint32_t index) { return (*nodes)[index]; }
};

// CPU of this thread: nothing that the machine does besides is in it.
uint64_t CpuNs() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

class Bench {
 public:
  explicit Bench(uint64_t ms_per_case) : ns_per_case_(ms_per_case * 1'000'000) {}

  // `pass` does `operations` of them; `prepare` is not timed.
  template <class Prepare, class Pass>
  void Case(const char* name, Prepare prepare, Pass pass) {
    double sum = 0, squares = 0;
    uint64_t samples = 0, spent_ns = 0;
    while (samples < kLeastSamples || spent_ns < ns_per_case_) {
      prepare();
      const uint64_t begin_ns = CpuNs();
      const uint64_t operations = pass();
      const uint64_t ns = CpuNs() - begin_ns;
      if (operations == 0) Fail(std::string(name) + ": nothing was done");
      const double each = static_cast<double>(ns) / static_cast<double>(operations);
      sum += each;
      squares += each * each;
      spent_ns += ns;
      samples++;
    }
    const double count = static_cast<double>(samples);
    const double mean = sum / count;
    const double variance = std::fmax(0, (squares - count * mean * mean) / (count - 1));
    JsonLine("micro")
        .Add("name", std::string(name))
        .Add("nsPerOperation", mean)
        .Add("errorPercent", 100 * 1.96 * std::sqrt(variance / count) / mean)
        .Add("samples", samples)
        .Print();
  }

 private:
  const uint64_t ns_per_case_;
};

class WheelBench {
 public:
  explicit WheelBench(uint64_t ms_per_case)
      : bench_(ms_per_case), nodes_(kDeadlines), wheel_({&nodes_}) {}

  void Run() {
    bench_.Case(
        "arm", [&] { CancelAll(); }, [&] { return ArmAll(); });
    bench_.Case(
        "re-arm", [] {}, [&] { return ArmAll(); });
    bench_.Case(
        "expire", [&] { ArmAll(); }, [&] { return ExpireAll(); });
    bench_.Case(
        "cancel", [&] { ArmAll(); }, [&] { return CancelAll(); });
    bench_.Case(
        "tick without a deadline", [&] { ArmFarAway(); }, [&] { return EmptyTicks(); });
    bench_.Case(
        "next deadline", [&] { ArmFarAway(); }, [&] { return LookForNext(); });
  }

 private:
  // A linear congruential sequence (Knuth, MMIX): the same in each run.
  uint64_t Ticks() {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return kLeastTicks + (random_ >> 33) % (kMostTicks - kLeastTicks);
  }

  uint64_t ArmAll() {
    for (uint32_t i = 0; i < kDeadlines; i++) wheel_.Schedule(i, now_ + Ticks());
    return Expect(kDeadlines);
  }

  uint64_t CancelAll() {
    for (uint32_t i = 0; i < kDeadlines; i++) wheel_.Cancel(i);
    Expect(0);
    return kDeadlines;
  }

  // Tick by tick, as the reactor advances it.
  uint64_t ExpireAll() {
    uint64_t fired = 0;
    for (uint64_t i = 0; i < kMostTicks; i++) {
      wheel_.Advance(++now_, [&fired](uint32_t) { fired++; });
    }
    Expect(0);
    return fired;
  }

  void ArmFarAway() {
    for (uint32_t i = 0; i < kDeadlines; i++) wheel_.Schedule(i, now_ + kMostTicks);
  }

  uint64_t EmptyTicks() {
    for (uint64_t i = 1; i < kMostTicks; i++) {
      wheel_.Advance(++now_, [](uint32_t) { Fail("a deadline came early"); });
    }
    return kMostTicks - 1;
  }

  uint64_t LookForNext() {
    for (uint64_t i = 0; i < kMostTicks; i++) {
      if (wheel_.NextTick() != now_ + kMostTicks) Fail("not the next deadline");
    }
    return kMostTicks;
  }

  uint64_t Expect(uint32_t armed) const {
    if (wheel_.armed() != armed) Fail("deadlines were lost");
    return armed;
  }

  Bench bench_;
  std::vector<holdfast::WheelNode> nodes_;
  holdfast::Wheel<Nodes> wheel_;
  uint64_t now_ = 0;
  uint64_t random_ = 1;
};

}  // namespace

int main(int argc, char** argv) {
  const unsigned long ms = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
  if (ms == 0 || ms > 60'000) Fail("usage: wheel_cpu MS_PER_CASE, 1..60000");
  WheelBench(ms).Run();
  JsonLine("done").Print();
}
