// What the two C baselines share: the listening socket, the counters, and the control protocol.
//
// Control: every line read from stdin is answered by one JSON line of counters; the end of stdin
// ends the process, so a baseline never outlives the harness that started it.
#ifndef HOLDFAST_BENCH_BASELINES_BENCH_SERVER_H
#define HOLDFAST_BENCH_BASELINES_BENCH_SERVER_H

#include <stdbool.h>
#include <stdint.h>

// As large as the receive chunk of the other contestants (node:net, holdfast).
#define RECEIVE_BYTES 65536

// The default of node:net and of holdfast.
#define DEFAULT_BACKLOG 511

struct counters {
  uint64_t accepted;
  uint64_t closed;
  uint64_t received_bytes;
  uint64_t sent_bytes;
};

// A non-blocking IPv4 listener on 127.0.0.1 and a free port, TCP_NODELAY set for its children to
// inherit, keepalive too if asked; announces the port on stdout. Ends the process on failure.
int open_listener(int backlog, bool with_keepalive);

// A policy of 60 s, 10 s and 6 probes, in the four options it consists of.
void set_keepalive(int fd);

// Reads what waits on stdin and answers it; ends the process at its end. A line that begins with
// "send" calls that instead, where there is one, and is answered when it returns.
void answer_control(const struct counters* counters, void (*send_message)(void));

// Ends the process with the call's name and errno on stderr.
_Noreturn void fail(const char* call);

#endif
