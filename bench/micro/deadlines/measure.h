#ifndef HOLDFAST_BENCH_MICRO_DEADLINES_MEASURE_H
#define HOLDFAST_BENCH_MICRO_DEADLINES_MEASURE_H

#include <malloc.h>
#include <time.h>

#include <cstdint>

namespace bench {

// CPU of this thread: nothing that the machine does besides is in it. A reading costs some 0.3 µs,
// twice a step of 50 ms: 0.001 % of a core.
class CpuTime {
 public:
  template <class Work>
  void Spend(Work work) {
    const uint64_t begin_ns = Now();
    work();
    ns_ += Now() - begin_ns;
  }

  uint64_t ns() const { return ns_; }

 private:
  static uint64_t Now() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
  }

  uint64_t ns_ = 0;
};

// What malloc has given out, large blocks included (mallinfo(3)).
inline uint64_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace bench

#endif
