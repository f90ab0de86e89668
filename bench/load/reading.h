// Everything that counts time, read at one moment.
#ifndef HOLDFAST_BENCH_LOAD_READING_H
#define HOLDFAST_BENCH_LOAD_READING_H

#include <cstdint>

#include "clocks.h"
#include "machine_time.h"
#include "options.h"
#include "report.h"

namespace bench {

struct Reading {
  uint64_t wall_ns = 0;
  uint64_t server_cpu_ns = 0;
  uint64_t load_cpu_ns = 0;
  MachineTime machine;
};

inline clockid_t ServerClockOf(const Options& options) {
  if (options.clock_pid == 0) Fail(options.mode + ": --clock-pid is required");
  return CpuClockOf(options.clock_pid);
}

inline Reading ReadAll(clockid_t server_clock) {
  return {NowNs(), ReadClockNs(server_clock), ReadClockNs(CLOCK_PROCESS_CPUTIME_ID),
          ReadMachineTime()};
}

// The time between two readings, under the names that the harness looks for; of one reading the
// time since an arbitrary start.
inline void AddTimes(JsonLine& line, const Reading& end, const Reading& begin = {}) {
  line.Add("wallNs", end.wall_ns - begin.wall_ns)
      .Add("serverCpuNs", end.server_cpu_ns - begin.server_cpu_ns)
      .Add("loadCpuNs", end.load_cpu_ns - begin.load_cpu_ns)
      .Add("machineBusyNs", end.machine.busy_ns - begin.machine.busy_ns)
      .Add("machineStolenNs", end.machine.stolen_ns - begin.machine.stolen_ns);
}

}  // namespace bench

#endif
