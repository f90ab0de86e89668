#ifdef _WIN32

#include <winsock2.h>
#include <ws2tcpip.h>

#include <mstcpip.h>
#include <uv.h>

#include "platform/keepalive.h"

// ws2ipdef.h; headers older than Windows 10 1709 lack them.
#ifndef TCP_KEEPIDLE
#define TCP_KEEPIDLE 3
#endif
#ifndef TCP_KEEPCNT
#define TCP_KEEPCNT 16
#endif
#ifndef TCP_KEEPINTVL
#define TCP_KEEPINTVL 17
#endif
#ifndef TCP_MAXRT
#define TCP_MAXRT 5
#endif

// Three options count in seconds and can be read back (Windows 10 1709 and later). Before that,
// SIO_KEEPALIVE_VALS sets two periods in milliseconds, and nothing tells what is in force. There is
// no liveness clock; TCP_MAXRT is the nearest thing to a user timeout.
namespace holdfast::platform {

namespace {

// The probes of a Windows that does not let them be set.
constexpr uint32_t kFixedCount = 10;

// 0, or an error of Winsock.
int Set(SOCKET socket, int level, int option, DWORD value) {
  const auto* given = reinterpret_cast<const char*>(&value);
  return setsockopt(socket, level, option, given, sizeof(value)) == 0 ? 0 : WSAGetLastError();
}

bool Get(SOCKET socket, int level, int option, DWORD* value) {
  int length = sizeof(*value);
  *value = 0;
  return getsockopt(socket, level, option, reinterpret_cast<char*>(value), &length) == 0;
}

// Rounded up, so that no connection ends earlier than was asked for.
DWORD Seconds(uint32_t ms) {
  return ms / 1000 + (ms % 1000 != 0);
}

uint32_t Milliseconds(DWORD seconds) {
  return seconds > UINT32_MAX / 1000 ? UINT32_MAX : static_cast<uint32_t>(seconds) * 1000;
}

int SetByControl(SOCKET socket, const Keepalive& wanted) {
  tcp_keepalive values = {1, wanted.idle_ms, wanted.interval_ms};
  DWORD returned = 0;
  return WSAIoctl(socket, SIO_KEEPALIVE_VALS, &values, sizeof(values), nullptr, 0, &returned,
                  nullptr, nullptr) == 0
             ? 0
             : WSAGetLastError();
}

int SetPeriods(SOCKET socket, const Keepalive& wanted, Unsupported* unsupported) {
  int error = Set(socket, IPPROTO_TCP, TCP_KEEPIDLE, Seconds(wanted.idle_ms));
  if (error == 0) error = Set(socket, IPPROTO_TCP, TCP_KEEPINTVL, Seconds(wanted.interval_ms));
  if (error == 0) error = Set(socket, IPPROTO_TCP, TCP_KEEPCNT, wanted.count);
  if (error != WSAENOPROTOOPT) return error;
  unsupported->count = true;
  return SetByControl(socket, wanted);
}

int SetAll(SOCKET socket, const Keepalive& wanted, Unsupported* unsupported) {
  int error = Set(socket, SOL_SOCKET, SO_KEEPALIVE, wanted.enabled ? 1 : 0);
  if (error == 0 && wanted.enabled) error = SetPeriods(socket, wanted, unsupported);
  // There is no value that brings the system's own limit back, so none is set without need.
  if (error != 0 || wanted.user_timeout_ms == 0) return error;
  error = Set(socket, IPPROTO_TCP, TCP_MAXRT, Seconds(wanted.user_timeout_ms));
  if (error != WSAENOPROTOOPT) return error;
  unsupported->user_timeout = true;
  return 0;
}

}  // namespace

int ApplyKeepalive(SocketHandle socket, const Keepalive& wanted, Unsupported* unsupported) {
  unsupported->rto_max = wanted.rto_max_ms != 0;
  const int error = SetAll(socket, wanted, unsupported);
  return error == 0 ? 0 : -uv_translate_sys_error(error);
}

Keepalive ReadKeepalive(SocketHandle socket, const Keepalive& applied) {
  Keepalive found;
  DWORD value = 0;
  found.enabled = Get(socket, SOL_SOCKET, SO_KEEPALIVE, &value) && value != 0;
  const bool readable = Get(socket, IPPROTO_TCP, TCP_KEEPIDLE, &value);
  found.idle_ms = readable ? Milliseconds(value) : applied.idle_ms;
  found.interval_ms =
      Get(socket, IPPROTO_TCP, TCP_KEEPINTVL, &value) ? Milliseconds(value) : applied.interval_ms;
  found.count = Get(socket, IPPROTO_TCP, TCP_KEEPCNT, &value) ? value : kFixedCount;
  // -1: retransmits for ever.
  const bool bounded = Get(socket, IPPROTO_TCP, TCP_MAXRT, &value) && value != MAXDWORD;
  found.user_timeout_ms = bounded ? Milliseconds(value) : 0;
  return found;
}

bool HasLivenessClock() {
  return false;
}

}  // namespace holdfast::platform

#endif
