#ifndef _WIN32

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/filter.h>
#endif

#include "platform/socket.h"

namespace holdfast::platform {

namespace {

constexpr int kOn = 1;

int Configure(int fd) {
#ifndef __linux__
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return errno;
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) return errno;
#ifdef SO_NOSIGPIPE
  setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &kOn, sizeof(kOn));
#endif
#else
  (void)fd;
#endif
  return 0;
}

}  // namespace

Outcome OpenBound(const BindOptions& options, SocketHandle* out) {
  const int domain = options.address.family == 4 ? AF_INET : AF_INET6;
#ifdef __linux__
  const int fd = socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
  const int fd = socket(domain, SOCK_STREAM, 0);
#endif
  if (fd < 0) return {errno, "socket"};
  const auto fail = [fd](const char* syscall) {
    const Outcome outcome{errno, syscall};
    ::close(fd);
    return outcome;
  };
  if (Configure(fd) != 0) return fail("fcntl");
  // A restarted server must get its port back while old connections sit in TIME_WAIT.
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof(kOn)) != 0) return fail("setsockopt");
  if (options.reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &kOn, sizeof(kOn)) != 0) {
    return fail("setsockopt");
  }
  if (domain == AF_INET6) {
    const int v6only = options.ipv6_only ? 1 : 0;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only)) != 0) {
      return fail("setsockopt");
    }
  }
  sockaddr_storage address;
  const uint32_t length = ToSockaddr(options.address, &address);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), length) != 0) return fail("bind");
  *out = fd;
  return {};
}

Outcome StartListening(SocketHandle socket, int backlog) {
  if (listen(socket, backlog) != 0) return {errno, "listen"};
  return {};
}

bool StopHandshakes([[maybe_unused]] SocketHandle listener) {
#ifdef __linux__
  // The 14th byte of a TCP header has the flags: a SYN without ACK is dropped, which its client
  // sends again after a second; everything else is kept.
  constexpr uint32_t kFlagsAt = 13;
  constexpr uint32_t kSyn = 0x02;
  constexpr uint32_t kAck = 0x10;
  sock_filter drop_syn[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsAt),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSyn | kAck),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSyn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
  };
  const sock_fprog program = {sizeof(drop_syn) / sizeof(drop_syn[0]), drop_syn};
  return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
#else
  return false;
#endif
}

bool HasArrival(SocketHandle listener) {
  pollfd asked = {listener, POLLIN, 0};
  return poll(&asked, 1, 0) == 1 && (asked.revents & POLLIN) != 0;
}

SocketHandle Accept(SocketHandle listener, Address* peer, int* error) {
  sockaddr_storage storage;
  socklen_t length = sizeof(storage);
  for (;;) {
#ifdef __linux__
    const int fd = accept4(listener, reinterpret_cast<sockaddr*>(&storage), &length,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    const int fd = accept(listener, reinterpret_cast<sockaddr*>(&storage), &length);
    if (fd >= 0) Configure(fd);
#endif
    if (fd >= 0) {
      *peer = FromSockaddr(reinterpret_cast<const sockaddr*>(&storage));
      return fd;
    }
    if (errno == EINTR) continue;
    *error = errno;
    return kNoSocket;
  }
}

ssize_t Receive(SocketHandle socket, std::span<std::byte> into) {
  for (;;) {
    const ssize_t received = recv(socket, into.data(), into.size(), 0);
    if (received >= 0) return received;
    if (errno != EINTR) return -errno;
  }
}

ssize_t Send(SocketHandle socket, std::span<const Bytes> pieces) {
#ifdef MSG_NOSIGNAL
  constexpr int kFlags = MSG_NOSIGNAL;
#else
  constexpr int kFlags = 0;
#endif
  constexpr size_t kMostPieces = 16;
  for (;;) {
    ssize_t sent;
    if (pieces.size() == 1) {
      sent = send(socket, pieces[0].data(), pieces[0].size(), kFlags);
    } else {
      iovec vectors[kMostPieces];
      const size_t count = pieces.size() < kMostPieces ? pieces.size() : kMostPieces;
      for (size_t i = 0; i < count; ++i) {
        vectors[i] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
      }
      msghdr message = {};
      message.msg_iov = vectors;
      message.msg_iovlen = count;
      sent = sendmsg(socket, &message, kFlags);
    }
    if (sent >= 0) return sent;
    if (errno != EINTR) return -errno;
  }
}

SocketHandle OpenReserve() {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool AcceptAndReset(SocketHandle listener, SocketHandle* reserve, int* error) {
  Close(*reserve);
  Address peer;
  const SocketHandle socket = Accept(listener, &peer, error);
  if (socket != kNoSocket) {
    ResetOnClose(socket);
    Close(socket);
  }
  *reserve = OpenReserve();
  return socket != kNoSocket;
}

void SendLast(SocketHandle socket, Bytes bytes) {
  Send(socket, {&bytes, 1});
}

int ShutdownWrite(SocketHandle socket) {
  return shutdown(socket, SHUT_WR) == 0 ? 0 : -errno;
}

void SetNoDelay(SocketHandle socket, bool on) {
  const int value = on ? 1 : 0;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value));
}

void ResetOnClose(SocketHandle socket) {
  const linger now = {1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

// EINTR leaves the descriptor closed on Linux, so it is never closed twice.
void Close(SocketHandle socket) {
  ::close(socket);
}

int TakeError(SocketHandle socket) {
  int error = 0;
  socklen_t length = sizeof(error);
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

int TakeReadError(SocketHandle socket) {
  char byte;
  const ssize_t received = recv(socket, &byte, 1, MSG_PEEK);
  return received >= 0 || errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
}

Address LocalAddress(SocketHandle socket) {
  sockaddr_storage storage = {};
  socklen_t length = sizeof(storage);
  getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length);
  return FromSockaddr(reinterpret_cast<const sockaddr*>(&storage));
}

Address PeerAddress(SocketHandle socket) {
  sockaddr_storage storage = {};
  socklen_t length = sizeof(storage);
  getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &length);
  return FromSockaddr(reinterpret_cast<const sockaddr*>(&storage));
}

int64_t UnreadBytes(SocketHandle socket) {
  int bytes = 0;
  return ioctl(socket, FIONREAD, &bytes) == 0 ? bytes : -1;
}

}  // namespace holdfast::platform

#endif
