// Opens the client's connections.
#ifndef HOLDFAST_BENCH_LOAD_DIALER_H
#define HOLDFAST_BENCH_LOAD_DIALER_H

#include <cstdint>
#include <vector>

#include "options.h"

namespace bench {

// One established connection to 127.0.0.1. The number of the connection picks its source address.
// Blocking, which on loopback means at once; a server that does not accept is for the harness's
// timeout to end.
int DialOne(const Options& options, uint32_t number);

// The same without waiting: the socket is non-blocking and may not be connected yet.
int BeginDial(const Options& options, uint32_t number);

// A non-blocking connection whose handshake is over, or the system call that failed and its errno:
// what a machine is short of can be a result.
struct Dialled {
  int fd;
  int error;
  const char* call;
};
Dialled TryDial(const Options& options, uint32_t number, int timeout_ms);

// One connection, and RST at once. The handshake on loopback is over when connect() returns, unless
// the server's backlog is full: then it is given up instead of waited for.
void DialAndReset(const Options& options, uint32_t number);

// RST instead of FIN (socket(7), SO_LINGER of 0 s).
void ResetOnClose(int fd);

// `count` connections, no faster than options.dials_per_second, set to non-blocking.
std::vector<int> DialAll(const Options& options, uint32_t count);

}  // namespace bench

#endif
