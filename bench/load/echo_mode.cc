#include <sys/epoll.h>

#include <cerrno>
#include <vector>

#include "clocks.h"
#include "control.h"
#include "dialer.h"
#include "echo_client.h"
#include "modes.h"
#include "window.h"

namespace bench {
namespace {

constexpr int kEventsPerTurn = 1024;
// No answer at all for this long: the server hangs.
constexpr uint64_t kStallNs = 5'000'000'000;
constexpr uint64_t kNsPerMs = 1'000'000;

class EchoRun {
 public:
  explicit EchoRun(const Options& options)
      : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)), pattern_(options.framed != 0) {
    if (epoll_ < 0) FailErrno("epoll_create1");
    const uint32_t total = options.connections + options.flooders;
    const std::vector<int> fds = DialAll(options, total);
    clients_.reserve(total);
    interest_.assign(total, 0);
    for (uint32_t i = 0; i < total; i++) {
      const bool flooder = i >= options.connections;
      clients_.emplace_back(fds[i], i, flooder ? 0 : options.depth,
                            flooder ? options.flood_bytes : options.request_bytes);
      Watch(i);
    }
    SayHeld(total);
  }

  void Run() {
    ObeyMeasure(options_, [this](const Options& options) { Measure(options); });
    for (EchoClient& client : clients_) client.Close();
    JsonLine("closed").Add("connections", static_cast<uint64_t>(clients_.size())).Print();
  }

 private:
  // A window whose requests are all answered within it: the server sleeps at both ends.
  void Measure(const Options& options) {
    if (options.warmup_ms > 0) Play(options.warmup_ms, nullptr);
    latency_.Clear();
    const uint64_t before = completed_;
    Window window(options);
    window.OpenAtRest();
    Play(options.measure_ms, &latency_);
    window.CloseAtRest(completed_ - before);
    Print(window);
  }

  // At least one answer: a window without anything in it says nothing.
  void Play(uint32_t ms, LatencyHistogram* latency) {
    draining_ = false;
    progress_ns_ = NowNs();
    const uint64_t end_ns = progress_ns_ + ms * kNsPerMs;
    const uint64_t before = completed_;
    for (uint32_t i = 0; i < clients_.size(); i++) {
      clients_[i].Issue();
      clients_[i].Send(pattern_, NowNs());
      Watch(i);
    }
    while (NowNs() < end_ns || completed_ == before) Turn(latency, true);
    Drain(latency);
  }

  void Watch(uint32_t index) {
    const uint32_t events = EPOLLIN | (clients_[index].WantsToSend() ? uint32_t{EPOLLOUT} : 0);
    if (events == interest_[index]) return;
    epoll_event event{};
    event.events = events;
    event.data.u32 = index;
    const int operation = interest_[index] == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(epoll_, operation, clients_[index].fd(), &event) != 0) FailErrno("epoll_ctl");
    interest_[index] = events;
  }

  void Turn(LatencyHistogram* latency, bool issue) {
    static epoll_event events[kEventsPerTurn];
    const int count = epoll_wait(epoll_, events, kEventsPerTurn, 100);
    if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
    for (int i = 0; i < count; i++) {
      const uint32_t index = events[i].data.u32;
      EchoClient& client = clients_[index];
      // One reading serves as the end of a request and the start of the next.
      const uint64_t now_ns = NowNs();
      if ((events[i].events & ~EPOLLOUT) != 0) {
        const uint32_t answered = client.Receive(pattern_, now_ns, latency);
        if (!client.IsFlooder()) completed_ += answered;
        if (issue) client.Issue();
      }
      if (client.WantsToSend()) client.Send(pattern_, now_ns);
      Watch(index);
    }
    NoteProgress();
  }

  // Ping-pong clients alone count: a server busy with flooders only is stalled for the others.
  void NoteProgress() {
    const uint64_t now_ns = NowNs();
    if (completed_ != completed_last_) {
      completed_last_ = completed_;
      progress_ns_ = now_ns;
    } else if (now_ns - progress_ns_ > kStallNs && !draining_) {
      Fail("no answer for 5 s");
    }
  }

  void Drain(LatencyHistogram* latency) {
    draining_ = true;
    const uint64_t deadline_ns = NowNs() + kStallNs;
    for (uint32_t i = 0; i < clients_.size(); i++) {
      clients_[i].Stop();
      Watch(i);
    }
    for (EchoClient& client : clients_) {
      while (!client.IsAnswered()) {
        Turn(latency, false);
        if (NowNs() > deadline_ns) Fail("answers are missing 5 s after the last request");
      }
    }
  }

  void Print(const Window& window) const {
    uint64_t sent = 0, received = 0, sent_checksum = 0, received_checksum = 0, flooded = 0;
    for (const EchoClient& client : clients_) {
      sent += client.sent_bytes();
      received += client.received_bytes();
      sent_checksum += client.sent_checksum();
      received_checksum += client.received_checksum();
      if (client.IsFlooder()) flooded += client.received_bytes();
    }
    JsonLine line("window");
    window.AddTo(line);
    line.Add("sentBytes", sent).Add("receivedBytes", received).Add("floodedBytes", flooded);
    line.AddChecksum("sentChecksum", sent_checksum);
    line.AddChecksum("receivedChecksum", received_checksum);
    latency_.AddTo(line);
    line.Print();
  }

  const Options& options_;
  int epoll_;
  StreamPattern pattern_;
  std::vector<EchoClient> clients_;
  std::vector<uint32_t> interest_;
  LatencyHistogram latency_;
  uint64_t completed_ = 0;
  uint64_t completed_last_ = 0;
  uint64_t progress_ns_ = 0;
  bool draining_ = false;
};

}  // namespace

int RunEcho(const Options& options) {
  EchoRun(options).Run();
  return 0;
}

}  // namespace bench
