#ifdef _WIN32

// Before windows.h, which uv.h includes.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <uv.h>

#include "platform/socket.h"

// The loop has called WSAStartup; UvIo reads, writes and accepts by libuv (IOCP).
namespace holdfast::platform {

namespace {

int LastError() {
  return -uv_translate_sys_error(WSAGetLastError());
}

bool Set(SOCKET socket, int level, int option, DWORD value) {
  return setsockopt(socket, level, option, reinterpret_cast<const char*>(&value), sizeof(value)) ==
         0;
}

}  // namespace

Outcome OpenBound(const BindOptions& options, SocketHandle* out) {
  // Refused, not dropped: Windows shares no load among the listeners of one port.
  if (options.reuse_port) return {-UV_ENOTSUP, "setsockopt"};
  const int domain = options.address.family == 4 ? AF_INET : AF_INET6;
  const SOCKET socket = WSASocketW(domain, SOCK_STREAM, IPPROTO_TCP, nullptr, 0,
                                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (socket == INVALID_SOCKET) return {LastError(), "socket"};
  const auto fail = [socket](const char* syscall) {
    const Outcome outcome{LastError(), syscall};
    closesocket(socket);
    return outcome;
  };
  // SO_REUSEADDR would let any program take over the port of a running server.
  if (!Set(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)) return fail("setsockopt");
  if (domain == AF_INET6 && !Set(socket, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0)) {
    return fail("setsockopt");
  }
  sockaddr_storage address;
  const uint32_t length = ToSockaddr(options.address, &address);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address), static_cast<int>(length)) != 0) {
    return fail("bind");
  }
  *out = socket;
  return {};
}

bool StopHandshakes(SocketHandle) {
  return false;
}

SocketHandle OpenReserve() {
  return kNoSocket;
}

bool AcceptAndReset(SocketHandle, SocketHandle*, int* error) {
  *error = -UV_EMFILE;
  return false;
}

void SendLast(SocketHandle socket, Bytes bytes) {
  send(socket, reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size()), 0);
}

void SetNoDelay(SocketHandle socket, bool on) {
  Set(socket, IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
}

void ResetOnClose(SocketHandle socket) {
  const linger now = {1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now), sizeof(now));
}

void Close(SocketHandle socket) {
  closesocket(socket);
}

int TakeError(SocketHandle socket) {
  int error = 0;
  int length = sizeof(error);
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &length) != 0) {
    return LastError();
  }
  return error == 0 ? 0 : -uv_translate_sys_error(error);
}

int TakeReadError(SocketHandle socket) {
  char byte;
  if (recv(socket, &byte, 1, MSG_PEEK) >= 0 || WSAGetLastError() == WSAEWOULDBLOCK) return 0;
  return LastError();
}

Address LocalAddress(SocketHandle socket) {
  sockaddr_storage storage = {};
  int length = sizeof(storage);
  getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length);
  return FromSockaddr(reinterpret_cast<const sockaddr*>(&storage));
}

Address PeerAddress(SocketHandle socket) {
  sockaddr_storage storage = {};
  int length = sizeof(storage);
  getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &length);
  return FromSockaddr(reinterpret_cast<const sockaddr*>(&storage));
}

int64_t UnreadBytes(SocketHandle socket) {
  u_long bytes = 0;
  return ioctlsocket(socket, FIONREAD, &bytes) == 0 ? static_cast<int64_t>(bytes) : -1;
}

}  // namespace holdfast::platform

#endif
