#include "arrival.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "clocks.h"
#include "dialer.h"
#include "report.h"
#include "stillness.h"

namespace bench {
namespace {

// Below the backlog of 511 that all servers have by default: none of a wave is dropped.
constexpr uint32_t kWave = 500;
// A SYN that was dropped is sent again after 1, 3, 7 and 15 s.
constexpr int kConnectTimeoutMs = 30'000;
constexpr uint64_t kQueueTimeoutNs = 10'000'000'000;
constexpr timespec kLook{0, 100'000};

void AwaitConnected(int fd) {
  pollfd wait{fd, POLLOUT, 0};
  if (poll(&wait, 1, kConnectTimeoutMs) == 0) Fail("a connection was not made in 30 s");
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) FailErrno("SO_ERROR");
  errno = error;
  if (error != 0) FailErrno("connect");
}

bool WasRetried(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) FailErrno("TCP_INFO");
  return info.tcpi_total_retrans != 0;
}

// Connections that wait to be accepted: what /proc/net/tcp has as the receive queue of a listening
// socket. Those come first in the file, so that it does not matter how many connections there are.
uint32_t QueueLength(uint16_t port) {
  std::ifstream file("/proc/net/tcp");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    unsigned local_port = 0, state = 0, queued = 0;
    if (std::sscanf(line.c_str(), "%*d: %*8x:%4x %*8x:%*4x %2x %*8x:%8x", &local_port, &state,
                    &queued) != 3) {
      Fail("unreadable: " + line);
    }
    if (state != TCP_LISTEN) break;
    if (local_port == port) return queued;
  }
  Fail("nobody listens on port " + std::to_string(port));
}

template <class Condition>
void AwaitWithinBound(const char* what, Condition condition) {
  const uint64_t begin_ns = NowNs();
  while (!condition()) {
    if (NowNs() - begin_ns > kQueueTimeoutNs) Fail(std::string(what) + ": not within 10 s");
    nanosleep(&kLook, nullptr);
  }
}

void Stop(int32_t pid) {
  if (kill(pid, SIGSTOP) != 0) FailErrno("SIGSTOP");
  AwaitWithinBound("the server stops", [pid] {
    const char state = StateOf(pid);
    return state == 'T' || state == 't';
  });
}

}  // namespace

Arrival ArriveAtOnce(const Options& options, uint32_t count) {
  Arrival arrival;
  arrival.fds.reserve(count);
  const uint64_t begin_ns = NowNs();
  for (uint32_t i = 0; i < count; i++) arrival.fds.push_back(BeginDial(options, i));
  arrival.dialled_ms = static_cast<double>(NowNs() - begin_ns) / 1e6;
  for (const int fd : arrival.fds) {
    AwaitConnected(fd);
    if (WasRetried(fd)) arrival.retried++;
  }
  return arrival;
}

Arrival ArriveInWaves(const Options& options, uint32_t count) {
  Arrival arrival;
  arrival.fds.reserve(count);
  const uint64_t begin_ns = NowNs();
  for (uint32_t i = 0; i < count;) {
    Stop(options.clock_pid);
    const uint32_t wave_end = std::min(count, i + kWave);
    for (; i < wave_end; i++) arrival.fds.push_back(DialOne(options, i));
    if (kill(options.clock_pid, SIGCONT) != 0) FailErrno("SIGCONT");
    AwaitWithinBound("the server accepts", [&] { return QueueLength(options.port) == 0; });
  }
  arrival.dialled_ms = static_cast<double>(NowNs() - begin_ns) / 1e6;
  for (const int fd : arrival.fds) {
    if (WasRetried(fd)) arrival.retried++;
  }
  return arrival;
}

}  // namespace bench
