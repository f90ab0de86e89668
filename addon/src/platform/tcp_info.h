#pragma once

#include <cstdint>

#include "platform/socket.h"

namespace holdfast::platform {

// What the kernel knows of a connection: the part of TCP_INFO (tcp(7), linux/tcp.h) that tells
// whether, when and how a peer was last heard.
struct TcpInfo {
  uint8_t state = 0;        // 1 established … 7 closed … 8 close-wait, as in linux/tcp_states.h
  uint8_t retransmits = 0;  // of the oldest segment, unanswered
  uint8_t probes = 0;       // keepalive or window probes, unanswered
  uint8_t backoff = 0;
  uint32_t unacked_segments = 0;
  uint32_t not_sent_bytes = 0;
  uint64_t bytes_acked = 0;
  uint64_t bytes_received = 0;
  uint32_t total_retransmits = 0;
  uint32_t rtt_us = 0;
  uint32_t rtt_var_us = 0;
  uint32_t rto_us = 0;
  uint32_t last_data_sent_ms = 0;
  uint32_t last_data_received_ms = 0;
  uint32_t last_ack_received_ms = 0;  // any segment of the peer, its answers to probes included
  uint32_t send_window_segments = 0;
  uint32_t send_mss_bytes = 0;

  static constexpr uint8_t kStateClosed = 7;

  // Time since any segment of the peer was accepted.
  uint32_t silent_ms() const {
    return last_ack_received_ms < last_data_received_ms ? last_ack_received_ms
                                                        : last_data_received_ms;
  }
};

// About 1 µs. False where the operating system has none.
bool ReadTcpInfo(SocketHandle socket, TcpInfo* out);

}  // namespace holdfast::platform
