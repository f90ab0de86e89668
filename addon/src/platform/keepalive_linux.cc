#ifdef __linux__

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "platform/keepalive.h"

#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS 44  // linux/tcp.h since 6.15
#endif

// tcp(7), socket(7). Limits of the kernel: idle and interval 1..32767 s, count 1..127; what lies
// outside is EINVAL.
namespace holdfast::platform {

namespace {

int Set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0 ? 0 : errno;
}

int SetOrNote(int fd, int option, int value, bool* unsupported) {
  const int error = Set(fd, IPPROTO_TCP, option, value);
  if (error != ENOPROTOOPT) return error;
  *unsupported = true;
  return 0;
}

uint32_t Get(int fd, int level, int option) {
  int value = 0;
  socklen_t length = sizeof(value);
  if (getsockopt(fd, level, option, &value, &length) != 0) return 0;
  return static_cast<uint32_t>(value);
}

// What a socket has that nobody has set: net.ipv4.tcp_rto_max_ms of this network namespace, as it
// was when it was first asked for. 0: not known, on an older kernel or without a descriptor to
// spare.
uint32_t SystemRtoMaxMs() {
  static std::atomic<uint32_t> known = 0;
  if (const uint32_t ms = known) return ms;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  const uint32_t ms = Get(fd, IPPROTO_TCP, TCP_RTO_MAX_MS);
  close(fd);
  known = ms;
  return ms;
}

// A cap is to bring retransmissions closer together, never further apart than the system has them.
int RtoMaxMs(uint32_t wanted_ms) {
  const uint32_t system_ms = SystemRtoMaxMs();
  return static_cast<int>(system_ms != 0 && system_ms < wanted_ms ? system_ms : wanted_ms);
}

// The kernel counts in seconds: round up, so that no connection ends earlier than was asked for.
int Seconds(uint32_t ms) {
  return static_cast<int>((ms + 999) / 1000);
}

}  // namespace

int ApplyKeepalive(SocketHandle fd, const Keepalive& wanted, Unsupported* unsupported) {
  int error = 0;
  if (wanted.enabled) {
    // The periods first: SO_KEEPALIVE arms the timer with what is set at that moment.
    if ((error = Set(fd, IPPROTO_TCP, TCP_KEEPIDLE, Seconds(wanted.idle_ms))) != 0) return error;
    if ((error = Set(fd, IPPROTO_TCP, TCP_KEEPINTVL, Seconds(wanted.interval_ms))) != 0) {
      return error;
    }
    if ((error = Set(fd, IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>(wanted.count))) != 0) {
      return error;
    }
  }
  if ((error = SetOrNote(fd, TCP_USER_TIMEOUT, static_cast<int>(wanted.user_timeout_ms),
                         &unsupported->user_timeout)) != 0) {
    return error;
  }
  if (wanted.rto_max_ms != 0 && (error = SetOrNote(fd, TCP_RTO_MAX_MS, RtoMaxMs(wanted.rto_max_ms),
                                                   &unsupported->rto_max)) != 0) {
    return error;
  }
  return Set(fd, SOL_SOCKET, SO_KEEPALIVE, wanted.enabled ? 1 : 0);
}

Keepalive ReadKeepalive(SocketHandle fd, const Keepalive&) {
  Keepalive found;
  found.enabled = Get(fd, SOL_SOCKET, SO_KEEPALIVE) != 0;
  found.idle_ms = Get(fd, IPPROTO_TCP, TCP_KEEPIDLE) * 1000;
  found.interval_ms = Get(fd, IPPROTO_TCP, TCP_KEEPINTVL) * 1000;
  found.count = Get(fd, IPPROTO_TCP, TCP_KEEPCNT);
  found.user_timeout_ms = Get(fd, IPPROTO_TCP, TCP_USER_TIMEOUT);
  found.rto_max_ms = Get(fd, IPPROTO_TCP, TCP_RTO_MAX_MS);
  return found;
}

bool HasLivenessClock() {
  return true;
}

}  // namespace holdfast::platform

#endif
