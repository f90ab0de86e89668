#if !defined(__linux__) && !defined(_WIN32)

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "platform/keepalive.h"

// macOS calls the idle time TCP_KEEPALIVE; FreeBSD and the others call it TCP_KEEPIDLE.
#if defined(TCP_KEEPIDLE)
#define HOLDFAST_TCP_IDLE TCP_KEEPIDLE
#else
#define HOLDFAST_TCP_IDLE TCP_KEEPALIVE
#endif

// There is no user timeout here that works as RFC 5482 has it, and no liveness clock.
namespace holdfast::platform {

namespace {

int Set(int fd, int level, int option, uint32_t value) {
  const int given = static_cast<int>(value);
  return setsockopt(fd, level, option, &given, sizeof(given)) == 0 ? 0 : errno;
}

uint32_t Get(int fd, int level, int option) {
  int value = 0;
  socklen_t length = sizeof(value);
  if (getsockopt(fd, level, option, &value, &length) != 0) return 0;
  return static_cast<uint32_t>(value);
}

uint32_t Seconds(uint32_t ms) {
  return (ms + 999) / 1000;
}

}  // namespace

int ApplyKeepalive(SocketHandle fd, const Keepalive& wanted, Unsupported* unsupported) {
  unsupported->user_timeout = wanted.user_timeout_ms != 0;
  unsupported->rto_max = wanted.rto_max_ms != 0;
  int error = 0;
  if (wanted.enabled) {
    if ((error = Set(fd, IPPROTO_TCP, HOLDFAST_TCP_IDLE, Seconds(wanted.idle_ms))) != 0 ||
        (error = Set(fd, IPPROTO_TCP, TCP_KEEPINTVL, Seconds(wanted.interval_ms))) != 0 ||
        (error = Set(fd, IPPROTO_TCP, TCP_KEEPCNT, wanted.count)) != 0) {
      return error;
    }
  }
  return Set(fd, SOL_SOCKET, SO_KEEPALIVE, wanted.enabled ? 1 : 0);
}

Keepalive ReadKeepalive(SocketHandle fd, const Keepalive&) {
  Keepalive found;
  found.enabled = Get(fd, SOL_SOCKET, SO_KEEPALIVE) != 0;
  found.idle_ms = Get(fd, IPPROTO_TCP, HOLDFAST_TCP_IDLE) * 1000;
  found.interval_ms = Get(fd, IPPROTO_TCP, TCP_KEEPINTVL) * 1000;
  found.count = Get(fd, IPPROTO_TCP, TCP_KEEPCNT);
  return found;
}

bool HasLivenessClock() {
  return false;
}

}  // namespace holdfast::platform

#endif
