#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "clocks.h"
#include "dialer.h"
#include "modes.h"
#include "window.h"

namespace bench {
namespace {

constexpr int kEventsPerTurn = 256;
constexpr uint64_t kStallNs = 5'000'000'000;

class AcceptRun {
 public:
  explicit AcceptRun(const Options& options)
      : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) FailErrno("epoll_create1");
  }

  void Run() {
    Window window(options_);
    while (!window.IsOver()) {
      while (opened_ - ended_ < options_.connections) Open();
      Turn();
      window.Advance(NowNs(), ended_);
    }
    while (ended_ < opened_) Turn();
    JsonLine line("result");
    window.AddTo(line);
    line.Add("opened", opened_).Add("ended", ended_).Print();
  }

 private:
  // The half-close is what a client's close() sends; waiting for the answer keeps the count exact.
  void Open() {
    const int fd = DialOne(options_, static_cast<uint32_t>(opened_));
    if (shutdown(fd, SHUT_WR) != 0) FailErrno("shutdown");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) FailErrno("epoll_ctl");
    opened_++;
  }

  void Turn() {
    static epoll_event events[kEventsPerTurn];
    const int count = epoll_wait(epoll_, events, kEventsPerTurn, 100);
    if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
    for (int i = 0; i < count; i++) {
      char byte;
      const ssize_t length = recv(events[i].data.fd, &byte, 1, MSG_DONTWAIT);
      if (length > 0) Fail("the server sent a byte nobody asked for");
      if (length < 0) FailErrno("recv");
      close(events[i].data.fd);
      ended_++;
    }
    const uint64_t now_ns = NowNs();
    if (count > 0 || progress_ns_ == 0) progress_ns_ = now_ns;
    if (now_ns - progress_ns_ > kStallNs) Fail("no connection ended for 5 s");
  }

  const Options& options_;
  int epoll_;
  uint64_t opened_ = 0;
  uint64_t ended_ = 0;
  uint64_t progress_ns_ = 0;
};

}  // namespace

int RunAccept(const Options& options) {
  AcceptRun(options).Run();
  return 0;
}

}  // namespace bench
