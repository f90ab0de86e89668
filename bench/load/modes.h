// What the load generator can do; each prints its result as JSON lines and returns the exit status.
#ifndef HOLDFAST_BENCH_LOAD_MODES_H
#define HOLDFAST_BENCH_LOAD_MODES_H

#include "options.h"

namespace bench {

// Ping-pong clients with `depth` requests in flight, beside `flooders` if any; obeys "measure
// WARMUP_MS MEASURE_MS" (a window after a warm-up; all is answered when it is told) and "close".
int RunEcho(const Options& options);
// Keep-alive clients of an HTTP server that answers with the path it was asked for; obeys the same.
int RunHttp(const Options& options);
// Connects, half-closes, waits for the server's end, closes; `connections` of them in flight.
int RunAccept(const Options& options);
// Opens `connections` and holds them; obeys "exchange" (one verified echo on each) and "close".
int RunHold(const Options& options);
// Opens `connections`; obeys "hear" (the same `hear_bytes` once more on each, verified) and
// "close".
int RunHear(const Options& options);
// Opens `connections` and never reads; obeys "clock" (of the server's CPU), "deafen" and "close".
int RunSilent(const Options& options);
// Opens `connections` and never reads; obeys "vanish COUNT MS", in which so many of them become
// deaf one after the other, each at a moment it tells.
int RunVanish(const Options& options);
// Obeys "dial N", or "arrive N" (all at once) and "queue N" (in waves that the server finds
// waiting), which tell what accepting cost the server, and "close" or "reset", which end all N at
// once and tell what that cost it.
int RunStorm(const Options& options);
// Ping-pong clients that send a request every interval_ms; obeys "measure" (a window) and "stop".
int RunPaced(const Options& options);
// Holds what it is told to dial, answers pings, notices ends; fleet.h.
int RunFleet(const Options& options);

// Hostile clients; each obeys "stop", and dials again when the server ends a connection.
// One byte every interval_ms on each connection.
int RunDrip(const Options& options);
// Connects and resets, dials_per_second of them.
int RunResets(const Options& options);
// Sends all that the server takes, and never reads.
int RunDeaf(const Options& options);
// Sends all that the server takes, and reads the answers.
int RunFlood(const Options& options);

}  // namespace bench

#endif
