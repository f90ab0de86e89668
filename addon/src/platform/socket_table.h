#pragma once

#include <cstdint>
#include <functional>

#include "platform/address.h"
#include "platform/tcp_info.h"

namespace holdfast::platform {

// The timer that is running on a socket: idiag_timer of linux/inet_diag.h, the position is its
// number. A socket has several and the kernel names one: while a retransmission or a window probe
// is due, the keepalive timer behind it cannot be seen.
enum class SocketTimer : uint8_t { kNone, kRetransmit, kKeepalive, kTimeWait, kWindowProbe };
inline constexpr const char* kSocketTimerNames[] = {
    "none", "retransmit", "keepalive", "time-wait", "window-probe",
};

// One TCP socket of this network namespace, whichever process holds it.
struct SocketTableRow {
  uint64_t cookie = 0;  // names one socket until the machine boots again (socket(7), SO_COOKIE)
  Address local;
  Address remote;
  uint8_t state = 0;  // as TcpInfo::state
  SocketTimer timer = SocketTimer::kNone;
  uint8_t timer_unanswered = 0;  // retransmissions or probes so far
  uint32_t timer_expires_ms = 0;
  uint32_t receive_queue_bytes = 0;  // arrived and not read
  uint32_t send_queue_bytes = 0;     // not acknowledged, sent or not
  uint32_t uid = 0;
  uint32_t inode = 0;  // 0: no process holds it any more
  bool has_tcp_info = false;
  TcpInfo tcp;
};

struct SocketTableQuery {
  uint8_t family = 4;  // that of the socket: an IPv4 client of a dual-stack listener is a 6
  uint16_t local_port = 0;
};

// Calls `visit` for each socket with that local port, listeners and time-wait left out: one dump of
// sock_diag(7), which needs no privilege. Sockets that come or go meanwhile may be missing, and one
// may be told twice. Returns 0, or the errno for which there is no (complete) answer: ENOENT where
// the kernel has no tcp_diag, ENOSYS on another system.
int ReadSocketTable(const SocketTableQuery& query,
                    const std::function<void(const SocketTableRow&)>& visit);

// The cookie of a socket of this process. False where the system has none.
bool ReadSocketCookie(SocketHandle socket, uint64_t* cookie);

}  // namespace holdfast::platform
