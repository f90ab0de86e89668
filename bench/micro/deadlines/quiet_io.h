// A reactor's surroundings without a kernel: a clock that is an argument, connections that arrive
// and send when they are told to.
#ifndef HOLDFAST_BENCH_MICRO_DEADLINES_QUIET_IO_H
#define HOLDFAST_BENCH_MICRO_DEADLINES_QUIET_IO_H

#include <unistd.h>

#include <optional>
#include <vector>

#include "io/io.h"
#include "reactor/loop.h"

namespace bench {

// What the loop and whoever drives it share.
struct Schedule {
  uint64_t now_ms = 1000;
  std::optional<uint64_t> wake_at_ms;
  holdfast::LoopCalls calls;

  // One pass of the loop; with nothing ready the reactor runs only when it asked to be woken.
  void Poll() {
    calls.before_poll();
    if (wake_at_ms && *wake_at_ms <= now_ms) calls.on_wake();
    calls.after_poll();
  }
};

class QuietLoop final : public holdfast::Loop {
 public:
  explicit QuietLoop(Schedule* schedule) : schedule_(*schedule) {}
  void Start(holdfast::LoopCalls calls) override { schedule_.calls = std::move(calls); }
  uint64_t NowMs() const override { return schedule_.now_ms; }
  void KeepTurning(bool) override {}
  void WakeAt(std::optional<uint64_t> at_ms) override { schedule_.wake_at_ms = at_ms; }
  void Reference() override {}
  void Unreference() override {}
  void Stop(std::function<void()> done) override { done(); }

 private:
  Schedule& schedule_;
};

class QuietIo final : public holdfast::Io {
 public:
  static constexpr size_t kMessageBytes = 64;

  explicit QuietIo(holdfast::IoSink& sink) : sink_(sink) {}

  // Taken by the next turns.
  void Arrive(uint32_t connections) {
    arriving_ += connections;
    sink_.OnReady();
  }
  // The senders of the next turns; the list stays as it is until they have been.
  void Send(const std::vector<holdfast::ConnectionId>* senders) {
    senders_ = senders;
    next_ = 0;
    sink_.OnReady();
  }

  holdfast::platform::Outcome Listen(holdfast::ListenerId listener,
                                     holdfast::platform::SocketHandle bound, int) override {
    listener_ = listener;
    bound_ = bound;
    return {};
  }
  void CloseListener(holdfast::ListenerId) override { close(bound_); }
  void SuspendListener(holdfast::ListenerId) override {}
  void ResumeListener(holdfast::ListenerId) override {}
  bool HasArrival(holdfast::ListenerId) const override { return arriving_ > 0; }

  void Collect() override {
    for (; arriving_ > 0 && sink_.AcceptAllowance(listener_) > 0; arriving_--) {
      // The one descriptor there is stands for all: what is read of it is the listener's own.
      holdfast::Arrival arrival;
      arrival.fd = bound_;
      holdfast::Socket* socket = sink_.OnArrival(listener_, arrival);
      if (socket != nullptr) sink_.OnAttached(*socket, 0);
    }
  }
  void Receive() override {
    for (; HasSenders(); next_++) {
      holdfast::Socket* socket = sink_.FindSocket((*senders_)[next_]);
      if (socket == nullptr) continue;
      if (sink_.ReceiveSpace(*socket).size() < kMessageBytes) return;
      sink_.OnReceived(*socket, kMessageBytes);
    }
  }
  bool HasReady() const override { return arriving_ > 0 || HasSenders(); }

  ssize_t Send(holdfast::Socket&, std::span<const holdfast::platform::Bytes>) override { return 0; }
  void AwaitWritable(holdfast::Socket&, holdfast::platform::Bytes) override {}
  int Shutdown(holdfast::Socket&) override { return 0; }
  void Pause(holdfast::Socket&) override {}
  void Resume(holdfast::Socket&) override {}
  void Close(holdfast::Socket& socket, bool) override { sink_.OnClosed(socket.id); }
  bool ReportsDeathUnread() const override { return true; }
  void Stop(std::function<void()> done) override { done(); }

 private:
  bool HasSenders() const { return senders_ != nullptr && next_ < senders_->size(); }

  holdfast::IoSink& sink_;
  holdfast::ListenerId listener_ = 0;
  holdfast::platform::SocketHandle bound_ = holdfast::platform::kNoSocket;
  uint32_t arriving_ = 0;
  const std::vector<holdfast::ConnectionId>* senders_ = nullptr;
  size_t next_ = 0;
};

}  // namespace bench

#endif
