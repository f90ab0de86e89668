#pragma once

#include <cstdint>

#include "platform/socket.h"

namespace holdfast::platform {

// The keepalive of one socket, in milliseconds whatever the unit of the operating system.
struct Keepalive {
  bool enabled = false;
  uint32_t idle_ms = 0;          // TCP_KEEPIDLE
  uint32_t interval_ms = 0;      // TCP_KEEPINTVL
  uint32_t count = 0;            // TCP_KEEPCNT
  uint32_t user_timeout_ms = 0;  // TCP_USER_TIMEOUT, RFC 5482; 0: none
  uint32_t rto_max_ms = 0;       // TCP_RTO_MAX_MS, Linux 6.15 and later, or the system's own where
                                 // that is less; 0: leave alone

  friend bool operator==(const Keepalive&, const Keepalive&) = default;
};

// The most that TCP_RTO_MAX_MS can be (linux, include/net/tcp.h: TCP_RTO_MAX). To set it is to go
// back to what the system has: a cap above that is taken for that.
inline constexpr uint32_t kRtoMaxMostMs = 120'000;

// What this operating system could not do. Nothing is dropped silently: it ends up in the
// `unsupported` list of the effective policy.
struct Unsupported {
  bool idle = false;
  bool interval = false;
  bool count = false;
  bool user_timeout = false;
  bool rto_max = false;
};

// Sets the policy on a listener or a connection. Returns 0 or an errno: an option that the kernel
// does not know is reported in `unsupported` and is no error.
int ApplyKeepalive(SocketHandle socket, const Keepalive& wanted, Unsupported* unsupported);

// Reads the values that are in force. What the system does not tell (Windows before 10 1709) is
// taken from `applied`.
Keepalive ReadKeepalive(SocketHandle socket, const Keepalive& applied = {});

// Whether TCP_INFO tells when the peer was last heard; without it the user timeout is all there is
// to bound unacknowledged data.
bool HasLivenessClock();

}  // namespace holdfast::platform
