#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <optional>
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
constexpr uint64_t kNsPerMs = 1'000'000;
constexpr uint64_t kStallNs = 5'000'000'000;

// Clients with a pace of their own: one request each in the interval, one after the other. A client
// whose last request is not answered yet misses its turn, and tries again an interval later.
class PacedRun {
 public:
  explicit PacedRun(const Options& options)
      : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)), answered_(options.connections, 0) {
    if (epoll_ < 0) FailErrno("epoll_create1");
    const std::vector<int> fds = DialAll(options, options.connections);
    clients_.reserve(fds.size());
    for (uint32_t i = 0; i < fds.size(); i++) {
      clients_.emplace_back(fds[i], i, 1, options.request_bytes);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = i;
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fds[i], &event) != 0) FailErrno("epoll_ctl");
    }
    SayHeld(clients_.size());
  }

  void Run() {
    begin_ns_ = NowNs();
    for (;;) {
      IssueDue();
      ReceiveReady();
      Measure();
      const auto command = PollCommand();
      if (!command) continue;
      if (*command == "measure") {
        window_.emplace(options_);
      } else if (*command == "stop" || command->empty()) {
        break;
      } else {
        Fail("unknown command " + *command);
      }
    }
    Drain();
    PrintSums();
  }

 private:
  void IssueDue() {
    const uint64_t now_ns = NowNs();
    const uint64_t due = (now_ns - begin_ns_) * clients_.size() / (options_.interval_ms * kNsPerMs);
    for (; turns_ < due; turns_++) {
      EchoClient& client = clients_[turns_ % clients_.size()];
      if (!client.IsAnswered()) {
        missed_++;
        continue;
      }
      client.Issue();
      client.Send(pattern_, now_ns);
      // A request is far below what an empty send buffer takes.
      if (client.WantsToSend()) Fail("a request was not taken whole");
    }
  }

  void ReceiveReady() {
    static epoll_event events[kEventsPerTurn];
    const int count = epoll_wait(epoll_, events, kEventsPerTurn, 1);
    if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
    LatencyHistogram* latency = window_ && window_->IsOpen() ? &latency_ : nullptr;
    for (int i = 0; i < count; i++) {
      const uint32_t index = events[i].data.u32;
      const uint32_t answered = clients_[index].Receive(pattern_, NowNs(), latency);
      answered_[index] += answered;
      completed_ += answered;
    }
  }

  // A window begins with counts of zero, so that a client that starves in it is seen.
  void Measure() {
    if (!window_) return;
    const bool was_open = window_->IsOpen();
    window_->Advance(NowNs(), completed_);
    if (!was_open && window_->IsOpen()) {
      std::fill(answered_.begin(), answered_.end(), 0u);
      latency_.Clear();
      missed_ = 0;
    }
    if (!window_->IsOver()) return;
    const auto served = std::count_if(answered_.begin(), answered_.end(),
                                      [](uint32_t answered) { return answered > 0; });
    JsonLine line("window");
    window_->AddTo(line);
    line.Add("served", static_cast<uint64_t>(served)).Add("missed", missed_);
    latency_.AddTo(line);
    line.Print();
    window_.reset();
  }

  void Drain() {
    const uint64_t deadline_ns = NowNs() + kStallNs;
    for (EchoClient& client : clients_) {
      while (!client.IsAnswered()) {
        ReceiveReady();
        if (NowNs() > deadline_ns) Fail("answers are missing 5 s after the last request");
      }
    }
  }

  void PrintSums() {
    uint64_t sent = 0, received = 0, sent_checksum = 0, received_checksum = 0;
    for (EchoClient& client : clients_) {
      sent += client.sent_bytes();
      received += client.received_bytes();
      sent_checksum += client.sent_checksum();
      received_checksum += client.received_checksum();
      client.Close();
    }
    JsonLine("stopped")
        .Add("sentBytes", sent)
        .Add("receivedBytes", received)
        .AddChecksum("sentChecksum", sent_checksum)
        .AddChecksum("receivedChecksum", received_checksum)
        .Print();
  }

  const Options& options_;
  const int epoll_;
  const StreamPattern pattern_;
  std::vector<EchoClient> clients_;
  std::vector<uint32_t> answered_;  // by client, since the window opened
  std::optional<Window> window_;
  LatencyHistogram latency_;
  uint64_t begin_ns_ = 0;
  uint64_t turns_ = 0;
  uint64_t completed_ = 0;
  uint64_t missed_ = 0;
};

}  // namespace

int RunPaced(const Options& options) {
  PacedRun(options).Run();
  return 0;
}

}  // namespace bench
