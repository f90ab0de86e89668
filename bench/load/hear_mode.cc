#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "control.h"
#include "dialer.h"
#include "modes.h"
#include "reading.h"
#include "report.h"
#include "stillness.h"

namespace bench {
namespace {

constexpr int kEventsPerTurn = 256;
constexpr size_t kReadBytes = 256 * 1024;
constexpr uint64_t kStallNs = 5'000'000'000;

class Audience {
 public:
  explicit Audience(const Options& options)
      : options_(options),
        fds_(DialAll(options, options.connections)),
        heard_(fds_.size()),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        buffer_(kReadBytes),
        period_(options.hear_bytes + kReadBytes) {
    if (epoll_ < 0) FailErrno("epoll_create1");
    for (size_t i = 0; i < fds_.size(); i++) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fds_[i], &event) != 0) FailErrno("epoll_ctl");
    }
    // As servers/broadcast.ts writes it, again and again.
    for (size_t i = 0; i < period_.size(); i++) {
      period_[i] = static_cast<uint8_t>(i % options.hear_bytes * 31 % 251);
    }
  }

  // Until each connection has heard the whole message once more, and nothing else.
  void Hear() {
    const clockid_t server_clock = ServerClockOf(options_);
    const Reading begin = ReadAll(server_clock);
    JsonLine("hearing").Add("connections", static_cast<uint64_t>(fds_.size())).Print();
    goal_ += options_.hear_bytes;
    complete_ = 0;
    progress_ns_ = NowNs();
    while (complete_ < fds_.size()) Turn();
    Reading end = ReadAll(server_clock);
    AwaitAsleep(options_.clock_pid);
    end.server_cpu_ns = ReadClockNs(server_clock);
    JsonLine line("heard");
    line.Add("operations", static_cast<uint64_t>(fds_.size()));
    AddTimes(line, end, begin);
    line.Add("receivedBytes", fds_.size() * uint64_t{options_.hear_bytes}).Print();
  }

  void Close() {
    for (const int fd : fds_) close(fd);
    JsonLine("closed").Add("connections", static_cast<uint64_t>(fds_.size())).Print();
  }

 private:
  void Turn() {
    epoll_event events[kEventsPerTurn];
    const int count = epoll_wait(epoll_, events, kEventsPerTurn, 100);
    if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
    for (int i = 0; i < count; i++) Receive(events[i].data.u64);
    const uint64_t now_ns = NowNs();
    if (count > 0) progress_ns_ = now_ns;
    if (now_ns - progress_ns_ > kStallNs) Fail("nothing was heard for 5 s");
  }

  void Receive(size_t at) {
    const ssize_t length = recv(fds_[at], buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (length < 0 && errno == EAGAIN) return;
    if (length < 0) FailErrno("recv");
    if (length == 0) Fail("the server ended a connection");
    const auto bytes = static_cast<size_t>(length);
    const size_t begin = heard_[at] % options_.hear_bytes;
    if (memcmp(buffer_.data(), period_.data() + begin, bytes) != 0) {
      Fail("a byte is not the one that was sent");
    }
    heard_[at] += bytes;
    if (heard_[at] > goal_) Fail("heard more than was sent");
    if (heard_[at] == goal_) complete_++;
  }

  const Options& options_;
  const std::vector<int> fds_;
  std::vector<uint64_t> heard_;
  int epoll_;
  std::vector<uint8_t> buffer_;
  std::vector<uint8_t> period_;
  uint64_t goal_ = 0;
  size_t complete_ = 0;
  uint64_t progress_ns_ = 0;
};

}  // namespace

int RunHear(const Options& options) {
  if (options.clock_pid == 0) Fail("hear: --clock-pid is required");
  Audience audience(options);
  JsonLine("held").Add("connections", uint64_t{options.connections}).Print();
  for (;;) {
    const std::string command = AwaitCommand();
    if (command == "hear") {
      audience.Hear();
    } else if (command == "close" || command.empty()) {
      break;
    } else {
      Fail("unknown command " + command);
    }
  }
  audience.Close();
  return 0;
}

}  // namespace bench
