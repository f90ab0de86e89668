#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/reactor.h"
#include "support/ledger.h"
#include "support/peer.h"

namespace holdfast::test {

// Sizes of the shared memory; small ones fill up after a few records.
struct Sizes {
  uint32_t completions = kCompletionCapacity;
  uint32_t receive_slab_bytes = kReceiveSlabBytes;
  uint32_t submissions = kSubmissionCapacity;
  uint32_t submit_slab_bytes = kSubmitSlabBytes;
  uint32_t connections = kMaxConnections;
};

// A real reactor on a loop of its own, and the host that JavaScript is otherwise: it keeps the
// books, and submits as lib/ does, flushing when records or slab run out.
class Rig final : private Host {
 public:
  explicit Rig(IoKind io, Sizes sizes = {});
  // Stops the reactor if that was not done, and reports what the ledger complains of.
  ~Rig();

  static ListenerOptions Options();  // loopback, any port, keepalive off
  Listener& Listen(const ListenerOptions& options = Options());
  Peer Connect() { return Peer(listener_->address); }
  // Connects and waits for the completion.
  ConnectionId Accept(Peer* peer);

  // Called inside of a delivery, for each completion in order; may submit and flush.
  std::function<void(const Event&)> on_event;
  // Called once for each delivery, before the first of its completions.
  std::function<void(uint32_t count)> on_batch;

  // Submissions. Write returns false above the high watermark: a drain will follow.
  bool Write(ConnectionId id, std::string_view bytes);
  // To connections of the last listener; what became of each.
  std::vector<BroadcastOutcome> Broadcast(const std::vector<ConnectionId>& ids,
                                          std::string_view bytes);
  void End(ConnectionId id, DisconnectReason reason = DisconnectReason::kLocalEnd);
  void Destroy(ConnectionId id, DisconnectReason reason = DisconnectReason::kLocalAbort,
               bool reset = false);
  // A destroy that keeps the reason of an end under way.
  void Leave(ConnectionId id) {
    Submit(SubmissionOp::kDestroy, id, static_cast<uint32_t>(DisconnectReason::kLocalAbort), 2);
  }
  void Pause(ConnectionId id) { Submit(SubmissionOp::kPause, id); }
  void Resume(ConnectionId id) { Submit(SubmissionOp::kResume, id); }
  void Ready(ConnectionId id) { Submit(SubmissionOp::kReady, id); }
  void Pinged(ConnectionId id) { Submit(SubmissionOp::kPinged, id); }
  void Flush() { reactor_->Flush(); }

  // Runs the loop until `done`, at most so long; says whether it came to that. The loop wakes for
  // what happens, and for `pump`, which is called each millisecond when there is one.
  [[nodiscard]] bool Run(const std::function<bool()>& done, uint64_t most_ms = 5000,
                         const std::function<void()>& pump = nullptr);
  // Runs the loop for so long; returns how many times it went round.
  uint64_t RunFor(uint64_t ms);

  // Stops the reactor and runs the loop until it has let go of everything.
  void Stop();
  void BeginStop();

  Reactor& reactor() { return *reactor_; }
  const Listener& listener() const { return *listener_; }
  Connection* Find(ConnectionId id) { return reactor_->FindConnection(id); }
  uv_loop_t* loop() { return &loop_; }
  uint32_t QueuedBytes(ConnectionId id) const { return queued_bytes_[id.slot]; }
  uint32_t Throttles(ConnectionId id) const { return throttles_[id.slot]; }
  size_t Count(CompletionKind kind) const;
  size_t Count(CompletionKind kind, ConnectionId id) const;
  // All bytes received from that connection.
  std::string Received(ConnectionId id) const;
  // The `closed` of that connection; null while it is open.
  const Event* Closed(ConnectionId id) const;

  std::vector<Event> events;
  Ledger ledger;
  uint64_t deliveries = 0;
  bool records_events = true;  // off: on_event and the ledger alone see them
  size_t high_watermark_bytes = 65536;
  bool answers_ending = true;  // as lib/ does, behind on_event

 private:
  void Deliver(uint32_t count, uint32_t slab_bytes) override;
  Event Read(uint32_t index, const std::string& slab);
  void Submit(SubmissionOp op, ConnectionId id, uint32_t a = 0, uint32_t b = 0);

  uv_loop_t loop_;
  std::vector<int32_t> completions_;
  std::vector<std::byte> receive_slab_;
  std::vector<int32_t> submissions_;
  std::vector<std::byte> submit_slab_;
  std::vector<uint32_t> control_;
  std::vector<uint32_t> queued_bytes_;
  std::vector<uint8_t> wants_drain_;
  std::vector<uint32_t> throttles_;
  std::unique_ptr<Reactor> reactor_;
  Listener* listener_ = nullptr;
  bool stopping_ = false;
  bool delivering_ = false;
};

// Sockets that the listener accepts from now on take few bytes at once.
void ShrinkSendBuffer(const Listener& listener);

}  // namespace holdfast::test

// A test that runs on each Io; `io` is the kind.
#define HF_ON_EACH_IO(function, name)        \
  static void function(holdfast::IoKind io); \
  TEST_CASE(name ", on epoll") {             \
    function(holdfast::IoKind::kEpoll);      \
  }                                          \
  TEST_CASE(name ", on uv") {                \
    function(holdfast::IoKind::kUv);         \
  }                                          \
  static void function([[maybe_unused]] holdfast::IoKind io)
#define TEST_ON_EACH_IO(name) HF_ON_EACH_IO(DOCTEST_ANONYMOUS(OnEachIo), name)
