// The command line of the load generator: bench_load MODE --name value ...
#ifndef HOLDFAST_BENCH_LOAD_OPTIONS_H
#define HOLDFAST_BENCH_LOAD_OPTIONS_H

#include <cstdint>
#include <string>

namespace bench {

struct Options {
  std::string mode;
  uint16_t port = 0;
  // Ping-pong or held connections.
  uint32_t connections = 50;
  // Requests a connection keeps in flight.
  uint32_t depth = 1;
  uint32_t request_bytes = 64;
  // 1: each 64 bytes are a message, both by its length and as a line; see stream_pattern.h.
  uint32_t framed = 0;
  // The message that every connection is to hear.
  uint32_t hear_bytes = 65536;
  uint32_t warmup_ms = 1000;
  uint32_t measure_ms = 2000;
  // Connections that send without waiting for the answer, and how much they hand over at a time.
  uint32_t flooders = 0;
  uint32_t flood_bytes = 65536;
  // Process whose CPU clock is read at both ends of the counted window; 0: none.
  int32_t clock_pid = 0;
  // Connections spread over `sources` addresses from 127.0.SOURCE_NET.1 on, connections_per_source
  // each, and again from the first; 0: one source.
  uint32_t source_net = 0;
  uint32_t sources = 250;
  uint32_t connections_per_source = 2000;
  // SO_RCVBUF before the handshake, which caps the window that is ever offered; 0: the system's.
  uint32_t receive_buffer_bytes = 0;
  // TCP_MAXSEG before the handshake; 0: loopback's own, some 64 KiB.
  uint32_t segment_bytes = 0;
  // Dialling faster than the server accepts fills the backlog, and a dropped SYN costs a second.
  uint32_t dials_per_second = 5000;
  // One request (or byte, or whatever the mode sends) a connection in this time.
  uint32_t interval_ms = 100;
};

// Ends the process with one line that names the option when it is unknown or out of range.
Options ParseOptions(int argc, char** argv);

}  // namespace bench

#endif
