// What the load generator can do; each prints its result as JSON lines and returns the exit status.
#ifndef HOLDFAST_BENCH_LOAD_MODES_H
#define HOLDFAST_BENCH_LOAD_MODES_H

#include "options.h"

namespace bench {

// Ping-pong clients with `depth` requests in flight, beside `flooders` if any.
int RunEcho(const Options& options);
// Connects, half-closes, waits for the server's end, closes; `connections` of them in flight.
int RunAccept(const Options& options);
// Opens `connections` and holds them; obeys "exchange" (one verified echo on each) and "close".
int RunHold(const Options& options);
// Opens `connections`; obeys "hear" (the same `hear_bytes` once more on each, verified) and
// "close".
int RunHear(const Options& options);
// Opens `connections` and never reads; obeys "clock" (of the server's CPU), "deafen" and "close".
int RunSilent(const Options& options);

}  // namespace bench

#endif
