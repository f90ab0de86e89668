// The two clocks a measurement is made of: monotonic time and the CPU time of a whole process.
#ifndef HOLDFAST_BENCH_LOAD_CLOCKS_H
#define HOLDFAST_BENCH_LOAD_CLOCKS_H

#include <time.h>

#include <cerrno>
#include <cstdint>

#include "report.h"

namespace bench {

inline uint64_t ReadClockNs(clockid_t clock) {
  timespec now;
  if (clock_gettime(clock, &now) != 0) FailErrno("clock_gettime");
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

inline uint64_t NowNs() {
  return ReadClockNs(CLOCK_MONOTONIC);
}

// clock_getcpuclockid(3): every thread of the process, ended ones too, user and system time, in
// nanoseconds, up to this instant.
inline clockid_t CpuClockOf(int32_t pid) {
  clockid_t clock;
  const int error = clock_getcpuclockid(pid, &clock);
  if (error != 0) {
    errno = error;
    FailErrno("clock_getcpuclockid");
  }
  return clock;
}

}  // namespace bench

#endif
