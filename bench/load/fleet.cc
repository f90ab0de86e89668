#include "fleet.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "clocks.h"
#include "report.h"

namespace bench {
namespace {

constexpr uint32_t kInput = UINT32_MAX;
constexpr int kDialTimeoutMs = 10'000;
constexpr uint64_t kAnswerTimeoutNs = 20'000'000'000;
// As servers/held.ts has them: a ping is answered by a pong, a request comes back as it is.
constexpr char kPing = 'i';
constexpr char kPong = 'o';
constexpr size_t kRequestBytes = 9;

// Each connection has its own, so that an answer that went astray is found.
void WriteRequest(char* bytes, uint32_t index) {
  std::snprintf(bytes, kRequestBytes + 1, "q%08x", index);
}

}  // namespace

Fleet::Fleet(const Options& options) : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) FailErrno("epoll_create1");
  Watch(STDIN_FILENO, kInput);
}

void Fleet::Watch(int fd, uint32_t index) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = index;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) FailErrno("epoll_ctl");
}

Dialled Fleet::Dial(uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    const auto index = static_cast<uint32_t>(fds_.size());
    const Dialled dialled = TryDial(options_, index, kDialTimeoutMs);
    if (dialled.fd < 0) return dialled;
    const int on = 1;
    if (setsockopt(dialled.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
      FailErrno("TCP_NODELAY");
    }
    fds_.push_back(dialled.fd);
    open_++;
    Watch(dialled.fd, index);
  }
  return {-1, 0, ""};
}

uint32_t Fleet::End(uint32_t count, bool by_reset) {
  uint32_t ended = 0;
  for (; ended < count && oldest_ < fds_.size(); oldest_++) {
    if (fds_[oldest_] < 0) continue;
    if (by_reset) ResetOnClose(fds_[oldest_]);
    Close(oldest_);
    ended++;
  }
  return ended;
}

void Fleet::Exchange(uint32_t count) {
  const auto size = static_cast<uint32_t>(fds_.size());
  const uint32_t step = std::max(1u, size / std::max(1u, count));
  for (uint32_t index = 0; index < size; index += step) {
    if (fds_[index] < 0) continue;
    char request[kRequestBytes + 1];
    WriteRequest(request, index);
    // A few bytes into an empty buffer: never short.
    if (send(fds_[index], request, kRequestBytes, MSG_NOSIGNAL) != kRequestBytes) FailErrno("send");
    unanswered_++;
  }
  const uint64_t begin_ns = NowNs();
  while (unanswered_ > 0) {
    Turn(100);
    if (NowNs() - begin_ns > kAnswerTimeoutNs) {
      Fail(std::to_string(unanswered_) + " requests were not answered in 20 s");
    }
  }
}

bool Fleet::Turn(int timeout_ms) {
  const int count = epoll_wait(epoll_, events_, kEventsPerTurn, timeout_ms);
  if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
  bool told = false;
  for (int i = 0; i < count; i++) {
    if (events_[i].data.u32 == kInput) {
      told = true;
    } else {
      Receive(events_[i].data.u32);
    }
  }
  return told;
}

void Fleet::Receive(uint32_t index) {
  char bytes[256];
  const ssize_t length = recv(fds_[index], bytes, sizeof bytes, MSG_DONTWAIT);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) {
    (length == 0 ? ended_by_server_ : reset_by_server_)++;
    Close(index);
    return;
  }
  if (bytes[0] != kPing) {
    Answered(index, bytes, static_cast<size_t>(length));
    return;
  }
  if (length != 1) Fail("more than a ping was received");
  pings_++;
  // What ended meanwhile is found by the next turn.
  if (send(fds_[index], &kPong, 1, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET) {
    FailErrno("send");
  }
}

void Fleet::Answered(uint32_t index, const char* bytes, size_t length) {
  char expected[kRequestBytes + 1];
  WriteRequest(expected, index);
  if (unanswered_ == 0 || length != kRequestBytes || memcmp(bytes, expected, length) != 0) {
    Fail("what came back is not what was sent");
  }
  unanswered_--;
}

void Fleet::Close(uint32_t index) {
  close(fds_[index]);
  fds_[index] = -1;
  open_--;
}

}  // namespace bench
