#include <sys/epoll.h>

#include <cerrno>
#include <vector>

#include "clocks.h"
#include "control.h"
#include "dialer.h"
#include "http_client.h"
#include "latency.h"
#include "modes.h"
#include "window.h"

namespace bench {
namespace {

constexpr int kEventsPerTurn = 1024;
// No answer at all for this long: the server hangs.
constexpr uint64_t kStallNs = 5'000'000'000;
constexpr uint64_t kNsPerMs = 1'000'000;

class HttpRun {
 public:
  explicit HttpRun(const Options& options)
      : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) FailErrno("epoll_create1");
    const std::vector<int> fds = DialAll(options, options.connections);
    for (uint32_t i = 0; i < fds.size(); i++) {
      clients_.emplace_back(fds[i], i);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = i;
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fds[i], &event) != 0) FailErrno("epoll_ctl");
    }
    SayHeld(clients_.size());
  }

  void Run() {
    ObeyMeasure(options_, [this](const Options& options) { Measure(options); });
    for (HttpClient& client : clients_) client.Close();
    JsonLine("closed").Add("connections", static_cast<uint64_t>(clients_.size())).Print();
  }

 private:
  // A window whose requests are all answered within it: the server sleeps at both ends.
  void Measure(const Options& options) {
    if (options.warmup_ms > 0) Play(options.warmup_ms);
    latency_.Clear();
    const uint64_t before = completed_;
    Window window(options);
    window.OpenAtRest();
    Play(options.measure_ms);
    window.CloseAtRest(completed_ - before);
    Print(window);
  }

  // At least one answer: a window without anything in it says nothing.
  void Play(uint32_t ms) {
    progress_ns_ = NowNs();
    const uint64_t end_ns = progress_ns_ + ms * kNsPerMs;
    const uint64_t before = completed_;
    for (HttpClient& client : clients_) Ask(client, NowNs());
    while (NowNs() < end_ns || completed_ == before) Turn(true);
    while (under_way_ > 0) Turn(false);
  }

  void Ask(HttpClient& client, uint64_t now_ns) {
    client.Ask(now_ns);
    under_way_++;
  }

  void Turn(bool goes_on) {
    static epoll_event events[kEventsPerTurn];
    const int count = epoll_wait(epoll_, events, kEventsPerTurn, 100);
    if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
    for (int i = 0; i < count; i++) {
      HttpClient& client = clients_[events[i].data.u32];
      if (!client.Receive()) continue;
      // One reading serves as the end of a request and the start of the next.
      const uint64_t now_ns = NowNs();
      latency_.Record(now_ns - client.asked_at_ns());
      completed_++;
      under_way_--;
      progress_ns_ = now_ns;
      if (goes_on) Ask(client, now_ns);
    }
    if (NowNs() - progress_ns_ > kStallNs) Fail("no answer for 5 s");
  }

  void Print(const Window& window) const {
    uint64_t sent = 0, received = 0, sent_checksum = 0, received_checksum = 0;
    for (const HttpClient& client : clients_) {
      sent += client.sent_bytes();
      received += client.received_bytes();
      sent_checksum += client.sent_checksum();
      received_checksum += client.received_checksum();
    }
    JsonLine line("window");
    window.AddTo(line);
    line.Add("sentBytes", sent).Add("receivedBytes", received);
    line.AddChecksum("sentChecksum", sent_checksum);
    line.AddChecksum("receivedChecksum", received_checksum);
    latency_.AddTo(line);
    line.Print();
  }

  const Options& options_;
  int epoll_;
  std::vector<HttpClient> clients_;
  LatencyHistogram latency_;
  uint64_t completed_ = 0;
  uint32_t under_way_ = 0;
  uint64_t progress_ns_ = 0;
};

}  // namespace

int RunHttp(const Options& options) {
  HttpRun(options).Run();
  return 0;
}

}  // namespace bench
