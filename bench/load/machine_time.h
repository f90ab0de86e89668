// CPU time of the whole machine, to see what else ran while a window was open.
#ifndef HOLDFAST_BENCH_LOAD_MACHINE_TIME_H
#define HOLDFAST_BENCH_LOAD_MACHINE_TIME_H

#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "report.h"

namespace bench {

struct MachineTime {
  // User, nice, system, interrupt and soft-interrupt time of all cores.
  uint64_t busy_ns = 0;
  // Taken from this virtual machine by its host.
  uint64_t stolen_ns = 0;
};

// proc_stat(5), first line; counted in ticks, usually of 10 ms.
inline MachineTime ReadMachineTime() {
  FILE* file = std::fopen("/proc/stat", "re");
  if (file == nullptr) FailErrno("/proc/stat");
  unsigned long long user, nice, system, idle, wait, irq, softirq, stolen;
  const int fields = std::fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice,
                                 &system, &idle, &wait, &irq, &softirq, &stolen);
  std::fclose(file);
  if (fields != 8) Fail("/proc/stat has another shape");
  const uint64_t tick_ns = 1'000'000'000 / static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return {(user + nice + system + irq + softirq) * tick_ns, stolen * tick_ns};
}

}  // namespace bench

#endif
