// When a server has dealt with everything, seen from outside.
#ifndef HOLDFAST_BENCH_LOAD_STILLNESS_H
#define HOLDFAST_BENCH_LOAD_STILLNESS_H

#include <time.h>

#include <cstdint>

#include "reading.h"

namespace bench {

// proc_stat(5), third field, of the main thread: R, it has the core or waits for it; T, stopped.
char StateOf(int32_t pid);

// Until its main thread sleeps. The clock of a process that runs stands still between two ticks of
// the kernel (4 ms at 250 Hz): one that has just gone to sleep is exact.
void AwaitAsleep(int32_t pid);

// The same where the last answer has just come: not only the main thread has gone to sleep then.
void AwaitRest(int32_t pid);

// The reading of the last moment the server was busy, within 2 ms. Nobody asks the server for it,
// which would cost some servers more than others, and its threads that work behind the loop are
// waited for. Ends the run when that takes a minute.
Reading AwaitStillness(int32_t pid, clockid_t server_clock);

}  // namespace bench

#endif
