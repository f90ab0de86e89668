// Many connections that arrive together.
#ifndef HOLDFAST_BENCH_LOAD_ARRIVAL_H
#define HOLDFAST_BENCH_LOAD_ARRIVAL_H

#include <cstdint>
#include <vector>

#include "options.h"

namespace bench {

struct Arrival {
  std::vector<int> fds;
  // Until the last connect() had been called.
  double dialled_ms = 0;
  // Whose SYN the kernel dropped, because the server's queue was full, and sent again.
  uint64_t retried = 0;
};

// All connect without waiting for each other; returns when the last one is connected, which may be
// before the server has accepted it.
Arrival ArriveAtOnce(const Options& options, uint32_t count);

// In waves that wait in the server's queue: it is stopped (SIGSTOP) while a wave dials, and finds
// all of it when it goes on. So each server accepts in the same batches, however fast it is.
Arrival ArriveInWaves(const Options& options, uint32_t count);

}  // namespace bench

#endif
