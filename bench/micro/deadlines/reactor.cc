#include "reactor/reactor.h"

#include "../../load/report.h"
#include "contestants.h"
#include "measure.h"
#include "queues/record.h"
#include "quiet_io.h"
#include "traffic.h"

namespace bench {
namespace {

using holdfast::CompletionKind;
using holdfast::ConnectionId;

// Takes what it is told, and knows when each connection was heard last.
class QuietHost final : public holdfast::Host {
 public:
  QuietHost(const Schedule& schedule, Traffic* traffic) : schedule_(schedule), traffic_(*traffic) {}

  holdfast::SharedMemory memory() {
    return {completions_, slab_,         submissions_, submit_slab_,
            control_,     queued_bytes_, wants_drain_, throttles_};
  }

  void Deliver(uint32_t count, uint32_t) override {
    for (uint32_t i = 0; i < count; i++) {
      const int32_t* record = &completions_[size_t{i} * holdfast::kRecordWords];
      const ConnectionId id{static_cast<uint32_t>(record[1]), static_cast<uint32_t>(record[2])};
      switch (static_cast<CompletionKind>(record[0])) {
        case CompletionKind::kOpen:
          if (id.slot >= ids_.size()) ids_.resize(id.slot + 1), heard_ms_.resize(id.slot + 1);
          ids_[id.slot] = id;
          heard_ms_[id.slot] = schedule_.now_ms;
          traffic_.Plan(id.slot);
          opened_++;
          break;
        case CompletionKind::kData:
          heard_ms_[id.slot] = schedule_.now_ms;
          messages_++;
          break;
        case CompletionKind::kClosed:
          Closed(id, static_cast<holdfast::DisconnectReason>(record[3]));
          break;
        default:
          Fail("a record that nobody asked for");
      }
    }
  }

  ConnectionId IdOf(uint32_t slot) const { return ids_[slot]; }
  uint32_t opened() const { return opened_; }
  uint32_t closed() const { return closed_; }
  uint64_t messages() const { return messages_; }

 private:
  // Never early, and late by no more than a step of the wheel; told in the poll after that.
  void Closed(ConnectionId id, holdfast::DisconnectReason reason) {
    if (reason != holdfast::DisconnectReason::kIdleTimeout) Fail("ended for another reason");
    const uint64_t silent_ms = schedule_.now_ms - heard_ms_[id.slot];
    if (silent_ms < kIdleMs || silent_ms > kIdleMs + 2 * kStepMs) {
      Fail("ended after " + std::to_string(silent_ms) + " ms of silence");
    }
    closed_++;
  }

  const Schedule& schedule_;
  Traffic& traffic_;
  std::vector<int32_t> completions_ =
      std::vector<int32_t>(size_t{holdfast::kCompletionCapacity} * holdfast::kRecordWords);
  std::vector<std::byte> slab_ = std::vector<std::byte>(holdfast::kReceiveSlabBytes);
  std::vector<int32_t> submissions_ =
      std::vector<int32_t>(size_t{holdfast::kSubmissionCapacity} * holdfast::kRecordWords);
  std::vector<std::byte> submit_slab_ = std::vector<std::byte>(holdfast::kSubmitSlabBytes);
  std::vector<uint32_t> control_ = std::vector<uint32_t>(holdfast::kControlWords);
  std::vector<uint32_t> queued_bytes_ = std::vector<uint32_t>(holdfast::kMaxConnections);
  std::vector<uint8_t> wants_drain_ = std::vector<uint8_t>(holdfast::kMaxConnections);
  std::vector<uint32_t> throttles_ = std::vector<uint32_t>(holdfast::kMaxConnections);
  std::vector<ConnectionId> ids_;   // by slot
  std::vector<uint64_t> heard_ms_;  // by slot
  uint32_t opened_ = 0;
  uint32_t closed_ = 0;
  uint64_t messages_ = 0;
};

class ReactorRun {
 public:
  ReactorRun(const Scale& scale, bool with_deadlines)
      : scale_(scale), with_deadlines_(with_deadlines) {
    reactor_.Start([this](holdfast::IoSink& sink) {
      auto io = std::make_unique<QuietIo>(sink);
      io_ = io.get();
      return io;
    });
    holdfast::ListenerOptions options;
    options.bind.address.family = 4;
    options.bind.address.bytes[0] = 127;
    options.bind.address.bytes[3] = 1;
    options.accept_budget = holdfast::kMaxConnections;
    options.read_chunk_bytes = 65536;
    if (with_deadlines) options.deadlines.idle_ms = kIdleMs;
    holdfast::Listener* listener = nullptr;
    if (reactor_.Listen(options, &listener).error != 0) Fail("listen");
  }

  Figures Run() {
    const uint32_t arrival_steps = kArrivalSeconds * kStepsPerSecond;
    const uint32_t per_step = (scale_.connections + arrival_steps - 1) / arrival_steps;
    CpuTime unused;
    for (uint32_t step = 0; step < kWarmupSeconds * kStepsPerSecond; step++) {
      const uint32_t left = scale_.connections - arrived_;
      arrived_ += std::min(per_step, left);
      Step(std::min(per_step, left), true, &unused, &unused);
    }
    if (host_.opened() != scale_.connections) Fail("not all connections have arrived");
    CpuTime taking, judging;
    const uint64_t messages = host_.messages();
    for (uint32_t step = 0; step < scale_.seconds * kStepsPerSecond; step++) {
      Step(0, true, &taking, &judging);
    }
    if (host_.closed() != 0) Fail("a connection ended that was not idle");
    Figures figures;
    figures.messages = host_.messages() - messages;
    figures.message_ns = static_cast<double>(taking.ns()) / static_cast<double>(figures.messages);
    figures.deadline_cpu_percent = static_cast<double>(judging.ns()) / 1e7 / scale_.seconds;
    figures.deadline_bytes = with_deadlines_ ? MeasureWheelBytes(scale_.connections) : 0;
    End();
    return figures;
  }

 private:
  // Messages come in the middle between two ticks of the wheel, so that what the tick costs is seen
  // by itself.
  void Step(uint32_t arrivals, bool traffic, CpuTime* taking, CpuTime* judging) {
    senders_.clear();
    if (traffic) {
      for (const uint32_t slot : traffic_.Next()) senders_.push_back(host_.IdOf(slot));
    }
    schedule_.now_ms += kStepMs / 2;
    if (arrivals > 0) io_->Arrive(arrivals);
    io_->Send(&senders_);
    taking->Spend([this] {
      do schedule_.Poll();
      while (io_->HasReady());
    });
    for (const ConnectionId id : senders_) traffic_.Plan(id.slot);
    schedule_.now_ms += kStepMs / 2;
    judging->Spend([this] { schedule_.Poll(); });
  }

  // The proof that all of them were armed: when nobody sends any more, all must end.
  void End() {
    CpuTime unused;
    const uint32_t steps = (kIdleMs / 1000 + 1) * kStepsPerSecond;
    for (uint32_t step = 0; step < steps && with_deadlines_; step++) {
      Step(0, false, &unused, &unused);
    }
    const uint32_t expected = with_deadlines_ ? scale_.connections : 0;
    if (host_.closed() != expected) Fail(std::to_string(host_.closed()) + " ended of the idle");
    reactor_.Stop([] {});
  }

  const Scale scale_;
  const bool with_deadlines_;
  Schedule schedule_;
  Traffic traffic_;
  QuietHost host_{schedule_, &traffic_};
  holdfast::Reactor reactor_{std::make_unique<QuietLoop>(&schedule_), 1, host_.memory(), host_};
  QuietIo* io_ = nullptr;
  std::vector<ConnectionId> senders_;
  uint32_t arrived_ = 0;
};

}  // namespace

Figures RunReactor(const Scale& scale, bool with_deadlines) {
  return ReactorRun(scale, with_deadlines).Run();
}

}  // namespace bench
