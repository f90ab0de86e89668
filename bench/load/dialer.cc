#include "dialer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "clocks.h"
#include "report.h"

// <linux/in.h> has it; Debian's <netinet/in.h> does too, older ones do not.
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

namespace bench {
namespace {

sockaddr_in Loopback(uint32_t address, uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(address);
  result.sin_port = htons(port);
  return result;
}

// 250 addresses of 127.0.NET.0/24, then those of 127.1.NET.0/24 and so on.
uint32_t SourceAddress(const Options& options, uint32_t number) {
  const uint32_t source = number / options.connections_per_source % options.sources;
  const uint32_t net = (127u << 24) | (source / 250 << 16) | (options.source_net << 8);
  return net + 1 + source % 250;
}

// The kernel picks the port at connect(), per destination: without IP_BIND_ADDRESS_NO_PORT it would
// reserve one for all of them.
void BindSource(int fd, const Options& options, uint32_t number) {
  const int on = 1;
  if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0) {
    FailErrno("IP_BIND_ADDRESS_NO_PORT");
  }
  const sockaddr_in source = Loopback(SourceAddress(options, number), 0);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) FailErrno("bind");
}

void SetUnlessZero(int fd, int level, int name, uint32_t value, const char* what) {
  const int number = static_cast<int>(value);
  if (value != 0 && setsockopt(fd, level, name, &number, sizeof number) != 0) FailErrno(what);
}

int NewSocket(const Options& options, uint32_t number, int flags) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd < 0) return fd;
  if (options.source_net != 0) BindSource(fd, options, number);
  SetUnlessZero(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer_bytes, "SO_RCVBUF");
  SetUnlessZero(fd, IPPROTO_TCP, TCP_MAXSEG, options.segment_bytes, "TCP_MAXSEG");
  return fd;
}

bool Connect(int fd, const Options& options) {
  const sockaddr_in server = Loopback(INADDR_LOOPBACK, options.port);
  return connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0 ||
         errno == EINPROGRESS;
}

int StartDial(const Options& options, uint32_t number, int flags) {
  const int fd = NewSocket(options, number, flags);
  if (fd < 0) FailErrno("socket");
  if (!Connect(fd, options)) FailErrno("connect");
  return fd;
}

// The errno of a handshake that did not succeed within the time; 0.
int AwaitHandshake(int fd, int timeout_ms) {
  pollfd wait{fd, POLLOUT, 0};
  const int ready = poll(&wait, 1, timeout_ms);
  if (ready < 0) return errno;
  if (ready == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace

Dialled TryDial(const Options& options, uint32_t number, int timeout_ms) {
  const int fd = NewSocket(options, number, SOCK_NONBLOCK);
  if (fd < 0) return {-1, errno, "socket"};
  const int error = Connect(fd, options) ? AwaitHandshake(fd, timeout_ms) : errno;
  if (error == 0) return {fd, 0, ""};
  close(fd);
  return {-1, error, "connect"};
}

int DialOne(const Options& options, uint32_t number) {
  return StartDial(options, number, 0);
}

int BeginDial(const Options& options, uint32_t number) {
  return StartDial(options, number, SOCK_NONBLOCK);
}

void DialAndReset(const Options& options, uint32_t number) {
  const int fd = BeginDial(options, number);
  ResetOnClose(fd);
  close(fd);
}

void ResetOnClose(int fd) {
  const linger at_once{1, 0};
  if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0) FailErrno("SO_LINGER");
}

std::vector<int> DialAll(const Options& options, uint32_t count) {
  std::vector<int> fds;
  fds.reserve(count);
  const uint64_t begin_ns = NowNs();
  const uint64_t interval_ns = 1'000'000'000 / options.dials_per_second;
  for (uint32_t i = 0; i < count; i++) {
    const int fd = DialOne(options, i);
    const int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) FailErrno("TCP_NODELAY");
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) FailErrno("fcntl");
    fds.push_back(fd);
    const uint64_t due_ns = begin_ns + (i + 1) * interval_ns;
    const uint64_t now_ns = NowNs();
    // Sleeping for less than a millisecond costs more than it paces.
    if (due_ns > now_ns + 1'000'000) {
      const timespec pause{0, static_cast<long>(due_ns - now_ns)};
      nanosleep(&pause, nullptr);
    }
  }
  return fds;
}

}  // namespace bench
