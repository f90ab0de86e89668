#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "platform/tcp_info.h"

namespace holdfast {

struct Connection;

// What was known of a connection at one moment; for an ended one, the moment before its socket was
// closed.
struct Evidence {
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  uint64_t bytes_unsent = 0;
  uint64_t duration_ms = 0;
  bool fin_sent = false;
  bool has_tcp_info = false;
  platform::TcpInfo tcp;
  int64_t bytes_unread = -1;
  Address peer;
  int32_t error = 0;
  bool reset_by_peer = false;

  // Something of ours was handed to the kernel and not acknowledged. A dead socket has purged its
  // send queue and reads unacked = 0, so the bytes are compared; FIN counts as one.
  bool HasOutstanding() const;

  // In the order of kEvidenceFieldNames, then the peer's address.
  void WriteTo(std::span<std::byte> payload) const;
};

// What the reactor itself knows: no system call.
Evidence Account(const Connection& connection, uint64_t now_ms);
// That, and what the kernel knows.
Evidence Gather(const Connection& connection, uint64_t now_ms);

}  // namespace holdfast
