#pragma once

#include <uv.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/slot_map.h"
#include "net/connection.h"
#include "net/listener.h"
#include "queues/completion_queue.h"
#include "queues/submission_queue.h"
#include "reactor/host.h"
#include "reactor/loop.h"
#include "time/wheel.h"

namespace holdfast {

enum class IoKind : uint8_t { kEpoll, kUv };

// Owner of all connections of one event loop: it turns what the Io reports into completions,
// delivers them to the host in batches, and carries out what the host submits.
//
// What stands where: reactor.cc the turn, arrivals.cc listeners and accepted sockets, draining.cc
// how a listener is closed without losing anybody, admitting.cc who may come, proxying.cc who comes
// through a proxy, transfer.cc bytes both ways, queueing.cc what the kernel does not take,
// throttling.cc how much a client may send, ending.cc how a connection ends, looks.cc the liveness
// clock, deadlines.cc the rules of the listener, inspection.cc all connections at a glance.
class Reactor final : private IoSink {
 public:
  Reactor(uv_loop_t* loop, const SharedMemory& memory, Host& host);
  // `seed` decides nothing that can be seen, only where addresses lie in a table.
  Reactor(std::unique_ptr<Loop> loop, uint64_t seed, const SharedMemory& memory, Host& host);
  ~Reactor();

  // 0, or a positive errno. To be called once, before anything else.
  int Start(IoKind kind);
  // The same with an Io of the caller's making.
  void Start(const std::function<std::unique_ptr<Io>(IoSink&)>& make);

  platform::Outcome Listen(const ListenerOptions& options, Listener** out);
  void CloseListener(ListenerId id);
  // Lets nobody begin a new handshake, accepts who is at the door for at least the grace, or in
  // further turns until nobody is, and closes it. `drained` is its last record.
  void DrainListener(Listener& listener, uint32_t grace_ms);
  Listener* FindListener(ListenerId id);
  void SetListenerReferenced(Listener& listener, bool referenced);
  // What arrives meanwhile waits in the kernel's queue.
  void SuspendListener(Listener& listener) { Suspend(listener, kByHost); }
  void ResumeListener(Listener& listener) { Resume(listener, kByHost); }

  // Null for a stale id, for a connection that is being closed, and before its `open`.
  Connection* FindConnection(ConnectionId id);
  void SetConnectionReferenced(Connection& connection, bool referenced);
  // A positive errno, or 0. `keepalive.enabled` false switches it off.
  int SetKeepalive(Connection& connection, const platform::Keepalive& keepalive,
                   uint32_t detection_ms, platform::Unsupported* unsupported);
  Evidence Inspect(const Connection& connection);
  // The open connections of a listener, a row of kSocketRowWords each. `rows` has room for
  // `listener.connections` of them; returns how many there are.
  uint32_t InspectAll(const Listener& listener, std::span<double> rows);

  // Carries out the waiting submissions now.
  void Flush();
  // After the waiting submissions: a write too large for the submit slab.
  void Send(ConnectionId id, std::span<const std::byte> bytes);
  // The same bytes to many connections of that listener. Each target is told what became of it.
  void Broadcast(Listener& listener, std::span<BroadcastTarget> targets,
                 std::span<const std::byte> bytes);

  // The environment is going away: closes everything without another word to the host; `done` is
  // called when the loop has let go of it all, and the reactor may be destroyed.
  void Stop(std::function<void()> done);

 private:
  // The turn.
  bool Turn();
  bool Deliver();
  void AfterPoll();
  void BeforePoll();
  bool HasWork() const;
  std::optional<uint64_t> NextWakeMs() const;

  // Listeners and arrivals.
  uint32_t AcceptAllowance(ListenerId id) override;
  Socket* OnArrival(ListenerId id, const Arrival& arrival) override;
  void OnAttached(Socket& socket, int error) override;
  bool OnAcceptError(ListenerId id, int error) override;
  void OnReady() override { turn_due_ = true; }
  Connection* Accept(Listener& listener, const Arrival& arrival);
  void Open(Connection& connection, uint32_t payload = 0, uint32_t payload_bytes = 0);
  void Configure(Listener& listener, platform::SocketHandle fd);
  void RetryAccepting();
  void ForgetIfDone(Listener& listener);

  // Draining.
  void CloseDrained();
  void CallLast(Listener& listener);
  void OfferDescriptor();
  bool IsDrained(const Listener& listener) const;
  bool IsDoorEmpty(const Listener& listener) const;
  void ReportDrained();

  // Who may come.
  bool Admit(Listener& listener, const Arrival& arrival, uint16_t* rule);
  void Left(Listener& listener, const Connection& connection);
  void Refuse(Listener& listener, Refusal cause, int error);
  void ReportRefusals();
  enum class Shedding : uint8_t { kDone, kNobodyWaits, kImpossible };
  Shedding Shed(Listener& listener);
  void ReopenDoor(Listener& listener);
  void RetryAt(uint64_t at_ms);
  void Suspend(Listener& listener, Suspension cause);
  void Resume(Listener& listener, Suspension cause);

  // Clients behind a proxy.
  Socket* AwaitHeader(Listener& listener, const Arrival& arrival);
  std::span<std::byte> HeaderSpace(const Connection& connection, uint32_t most);
  void HeaderReceived(Connection& connection, size_t bytes);
  uint64_t HeaderDueMs(const Connection& connection) const;
  void ArmHeaderDeadline(const Connection& connection);
  void JudgeHeader(Connection& connection);
  void HastenHeaders(const Listener& listener);
  void TurnAway(Connection& connection, int error);
  void TurnAwayAll(const Listener& listener);
  void Drop(Connection& connection, bool reset);

  // Bytes.
  Socket* FindSocket(ConnectionId id) override;
  std::span<std::byte> ReceiveSpace(const Socket& socket) override;
  void ShareReceiveBytes(uint32_t delivered);
  void OnReceived(Socket& socket, size_t bytes) override;
  void HandOver(Connection& connection, uint32_t offset, uint32_t bytes);
  void OnWritable(Socket& socket, size_t sent) override;
  void Apply(const Submission& submission);
  void Write(Connection& connection, std::span<const std::byte> bytes,
             SharedBytes* shared = nullptr);
  bool Queue(Connection& connection, std::span<const std::byte> bytes, size_t sent,
             SharedBytes* shared);
  void LimitQueues(const Listener& listener);
  BroadcastOutcome OutcomeFor(ConnectionId id);
  void SendQueued(Connection& connection);
  void Took(Connection& connection, size_t bytes);
  void Pause(Connection& connection);
  void Resume(Connection& connection);
  void StopReading(Connection& connection);
  void GoOnReading(Connection& connection);

  // What a connection may make us receive.
  void OpenIntake(const Connection& connection);
  void CloseIntake(const Connection& connection);
  uint32_t AllowedBytes(const Connection& connection);
  void CountReceived(Connection& connection, size_t bytes);
  void CountPing(Connection& connection);
  void Throttle(Connection& connection);
  void ReleaseIn(Connection& connection, uint64_t wait_ms);
  void ReleaseThrottled();

  // Endings.
  void OnEnd(Socket& socket) override;
  void OnError(Socket& socket, int error) override;
  void OnSendError(Socket& socket, int error) override;
  void OnClosed(ConnectionId id) override;
  void End(Connection& connection, DisconnectReason reason);
  void AskToEnd(Connection& connection, DisconnectReason reason);
  void BeginEnding(Connection& connection);
  void SendFin(Connection& connection);
  void SendFailed(Connection& connection, int error);
  void Fail(Connection& connection, int error);
  void Close(Connection& connection, DisconnectReason reason, int error, bool reset);
  void Move(Connection& connection, ConnectionState to);
  void Report(Connection& connection);
  bool TryReport(Connection& connection);
  void ReportDue();
  void Retire();
  void Vacate(Connection& connection);

  // The liveness clock.
  void WatchLiveness(Connection& connection);
  void LookWithin(Connection& connection, uint64_t ms);
  void LookAtClocks();
  void TakeLookAt(Connection& connection);
  bool IsBlindTo(const Connection& connection) const;
  // Deadlines.
  void NoteHeard(Connection& connection);
  void ArmDeadline(Connection& connection);
  void JudgeDeadlines();
  void Judge(Connection& connection);
  // The loop's milliseconds, as an Activity keeps them.
  uint32_t ActivityNowMs() const { return static_cast<uint32_t>(NowMs()); }

  // What the loop read after it last waited: libuv's callbacks run before a turn, so a time kept
  // by the turn would be that of the one before.
  uint64_t NowMs() const { return loop_->NowMs(); }

  // Inspections.
  struct KnownCookie {
    uint32_t generation = 0;
    uint64_t cookie = 0;
  };
  bool CookieOf(const Socket& socket, uint64_t* cookie);

  struct LookNodes {
    SlotMap<Connection>* connections;
    WheelNode& operator()(uint32_t slot) { return connections->At(slot).look; }
  };

  struct DeadlineNodes {
    SlotMap<Connection>* connections;
    WheelNode& operator()(uint32_t slot) { return connections->At(slot).deadline; }
  };

  const std::unique_ptr<Loop> loop_;
  uv_loop_t* uv_loop_ = nullptr;  // null on another loop than libuv's
  Host& host_;
  CompletionQueue completions_;
  SubmissionQueue submissions_;
  const std::span<uint32_t> queued_bytes_;
  const std::span<uint8_t> wants_drain_;
  const std::span<uint32_t> throttles_;
  std::unique_ptr<Io> io_;
  SlotMap<Connection> connections_;
  Wheel<LookNodes> wheel_;
  Wheel<DeadlineNodes> deadlines_;
  // By slot, of those whose PROXY header has begun and is not complete.
  std::unordered_map<uint32_t, std::vector<std::byte>> partial_headers_;
  std::unique_ptr<IntakeTable> intakes_;  // none before the first listener that limits
  std::map<ListenerId, std::unique_ptr<Listener>> listeners_;
  ListenerId next_listener_ = 1;
  std::optional<uint64_t> accept_retry_ms_;
  bool refusals_due_ = false;
  bool drained_due_ = false;
  uint32_t draining_ = 0;  // listeners that drain, or have and were not told of
  // Given up for a moment to accept and refuse what there is no descriptor for.
  platform::SocketHandle reserve_ = platform::kNoSocket;
  const uint64_t seed_;
  std::vector<ConnectionId> due_;        // with reports that found no room in the batch
  std::vector<ConnectionId> looks_due_;  // in this tick or an earlier one
  size_t looks_taken_ = 0;               // of those
  std::vector<uint32_t> retiring_;       // slots whose `closed` is in the batch
  std::vector<KnownCookie> cookies_;     // by slot; none before the first inspection
  uint32_t share_bytes_ = UINT32_MAX;    // most bytes of one receive in this turn
  uint32_t small_reads_ = 0;             // of the batch under way
  bool turn_due_ = false;
  uint32_t judging_put_off_ = 0;  // polls in a row that left sockets unread
  bool delivering_ = false;
  bool stopping_ = false;
};

}  // namespace holdfast
