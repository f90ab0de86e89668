#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>

#include "reactor/reactor.h"
#include "simulation/network.h"
#include "simulation/simulated_loop.h"
#include "support/ledger.h"

namespace holdfast::simulation {

using test::Event;

// What must be true, told from outside: the Io says what went over the wire, the host what it asked
// for and what it was told. The clock is the loop's.
class Model {
 public:
  Model(const Schedule* schedule, Network* network) : schedule_(*schedule), network_(*network) {
    nobody_.door = &nowhere_;
  }

  // By the Io.
  void Accepted(const Pipe& pipe, ListenerId listener);
  void Received(ConnectionId id, size_t bytes);
  bool ReceivedHeader(const Pipe& pipe, size_t bytes);
  // An error, or the end of what the peer sends.
  void Failed(ConnectionId id) {
    if (Waiting* waits = WaitingAt(id)) waits->failed = true;
  }
  void ReadToEnd(ConnectionId id);
  void Sent(ConnectionId id, size_t bytes);
  void SendFailed(ConnectionId id);
  // That the host wrote at this place, for one connection or for many.
  std::byte ByteToSend(ConnectionId id, uint64_t at);
  void Paused(ConnectionId id);
  void Resumed(ConnectionId id);
  // `all_read`: whatever had come was read before.
  void Closing(const Pipe& pipe, bool reset, bool all_read);
  void Answered(ConnectionId id);

  // `suspended`: nobody was accepted there at the time.
  void ClosesDoor(ListenerId listener, bool suspended);

  // By the host. What it asks for while its connection is closing comes too late.
  void Wrote(ConnectionId id, size_t bytes);
  void Broadcast(ConnectionId id, uint32_t stream, size_t bytes);
  bool IsOf(ConnectionId id, ListenerId listener) { return At(id).door == &doors_.at(listener); }
  uint64_t Written(ConnectionId id) { return At(id).wrote; }
  uint32_t StreamOf(ConnectionId id) { return At(id).stream; }
  void Promised(ConnectionId id) {
    At(id).promised = true;
    ++At(id).promises;
  }
  void Ready(ConnectionId id) { At(id).ready |= !At(id).closing; }
  void Pinged(ConnectionId id);
  void Ended(ConnectionId id) { At(id).ended |= !At(id).closing; }
  void Destroyed(ConnectionId id) { At(id).destroyed |= !At(id).closing; }
  bool MayWrite(ConnectionId id) {
    const Life& life = At(id);
    return !life.ended && !life.destroyed && !life.told_ending;
  }
  void Listens(const Listener& listener);
  void Suspends(ListenerId listener) { doors_.at(listener).suspended = true; }
  void Reopens(ListenerId listener) { doors_.at(listener).suspended = false; }
  void Closes(ListenerId listener);
  void Drains(ListenerId listener, uint32_t grace_ms);
  void Stops() { stops_ = true; }
  const ListenerOptions& OptionsOf(ConnectionId id) { return At(id).door->options; }
  void BeginBatch() { ledger_.BeginBatch(); }
  void Told(const Event& event);

  // Whenever the clock is about to move.
  void Observe(Reactor& reactor);
  // After a pass of the loop that began at `began_ms`; `put_off`: sockets are left unread.
  void Check(Reactor& reactor, uint64_t began_ms, bool put_off,
             std::span<const uint32_t> queued_bytes);
  // Everybody else has fallen silent long ago. False: not yet, which the last time is a complaint.
  bool CheckAtRest(Reactor& reactor, bool last);

  void Complain(ConnectionId id, const std::string& what);
  const std::string& complaint() const { return complaint_; }
  uint64_t hash() const { return hash_; }
  uint64_t events() const { return events_; }
  const test::Ledger& ledger() const { return ledger_; }

 private:
  struct Door {
    ListenerOptions options;
    platform::SocketHandle handle = platform::kNoSocket;
    bool suspended = false, draining = false;  // by the host
    bool closed = false;                       // by the host, or because it is drained
    bool closed_by_host = false;
    uint32_t waiting = 0;  // for their headers
    uint32_t leaving = 0;  // never told of, and their sockets are being closed
    uint64_t grace_ms = 0;
    bool drained = false;                         // as the host was told
    uint64_t grace_over_ms = 0;                   // at the earliest
    uint32_t untold_passes = 0;                   // since it is drained
    uint64_t opened = 0, ended = 0, refused = 0;  // as the host was told
    uint64_t arrived = 0, arrived_ms = 0;         // the last that was taken from the kernel

    uint64_t open() const { return opened - ended; }
  };
  // Some of what was written: the bytes of a stream of its own.
  struct Shared {
    uint64_t begin, end;
    uint32_t stream;
  };
  struct Life {
    ConnectionId id;
    std::deque<Shared> shared;
    std::deque<uint64_t> writes;  // where each begins that the kernel has not taken all of
    Door* door = nullptr;
    uint32_t stream = 0;
    Address peer;
    uint64_t opened_ms = 0, read_ms = 0, sent_ms = 0, beat_ms = 0, end_ms = 0, backlog_ms = 0;
    uint64_t send_failed_ms = 0, dead_ms = 0, closing_ms = 0, unwatched_ms = 0, resumed_ms = 0;
    uint64_t bytes_ms = 0, pings_ms = 0, throttled_ms = 0;
    double bytes_level = 0, pings_level = 0;
    bool too_fast = false, pings_too_often = false;
    uint64_t received = 0, told = 0, wrote = 0, taken = 0;
    bool ready = false, ended = false, destroyed = false, read_to_end = false, told_end = false;
    bool paused = false, promised = false, beat_unanswered = false;
    bool ending = false, told_ending = false;  // by the host or by a rule; by a rule
    bool told_open = false, answered = false;
    std::string payload;  // of its `open`
    bool closing = false, all_read = false, reset = false, left_unread = false;
    // When it was closed.
    bool outstanding = false, window_closed = false, always_there = false, vanished = false;
    bool dead = false;
    uint64_t heard_ms = 0;
    uint64_t most_held = 0;  // by the queues of its listener
    uint64_t slow_since_ms = 0;
    bool slow_noted = false, cut_noted = false, loss_noted = false;
    uint32_t beats = 0, beats_told = 0, promises = 0, untold_passes = 0;
  };

  // Accepted from a proxy, and its header is not complete.
  struct Waiting {
    ConnectionId id;
    Door* door = nullptr;
    uint64_t accepted_ms = 0, received = 0;
    bool malformed = false, failed = false;
  };

  Life& At(ConnectionId id);
  Waiting* WaitingAt(ConnectionId id);
  static uint64_t OwnGraceOverMs(const Waiting& waits);
  void Awaits(const Pipe& pipe, Door* door);
  void ReceivedData(Life& life, size_t bytes);
  bool TurnedAway(const Pipe& pipe);
  void Leaves(ConnectionId id, Door* door);
  void SettleUnopened();
  void CheckWaiting(uint64_t began_ms, bool put_off);
  void ToldClosed(Life& life, const Event& event);
  void JudgeReason(const Life& life, const Event& event);
  void Observe(Life& life, const Connection& connection);
  void ObserveEnding(Life& life, const Connection& connection);
  void CheckTold(Life& life, const Connection& connection, uint32_t queued_bytes);
  void CheckLate(const Life& life, uint64_t began_ms);
  // What the peer sends while it is not read from is no reply yet.
  static uint64_t ReplyFromMs(const Life& life) { return std::max(life.beat_ms, life.resumed_ms); }
  void CheckLiveness(Life& life, const Connection& connection, uint64_t began_ms);
  void NoteSpared(Life& life, const Tcp& tcp);
  static bool LifetimeIsOver(const Life& life, uint64_t at_ms);
  static bool IsCut(const Life& life);
  void JudgeOrderly(const Life& life, const Event& event);
  void JudgeDeath(const Life& life, const Event& event);
  void CheckCounts(Reactor& reactor);
  void CheckLimits(const Door& door, const Listener& listener);
  void CheckQueues(Reactor& reactor, const Door& door, const Listener& listener);
  uint64_t MostHeld(const Door& door) const;
  bool MayWait(const Door& door) const;
  void CheckDoorAtRest(ListenerId id, const Door& door);
  void CountBytes(Life& life, size_t bytes);
  void ObserveThrottling(Life& life, const Connection& connection);
  uint64_t OwedMs(const Life& life, uint64_t at_ms) const;
  uint64_t ThrottledMostMs(const Life& life, uint64_t since_ms) const;
  void Mix(uint64_t word);

  const Schedule& schedule_;
  Network& network_;
  test::Ledger ledger_;
  std::map<uint32_t, Life> lives_;  // by slot, here and below
  std::map<uint32_t, Waiting> waiting_;
  std::map<uint32_t, Door*> leaving_;
  std::map<ListenerId, Door> doors_;
  Door nowhere_;
  Life nobody_;
  uint64_t hash_ = 0xcbf29ce484222325ull;
  uint64_t events_ = 0;
  uint64_t passed_ms_ = 0;  // when the last pass was checked
  uint64_t longest_pass_ms_ = 0;
  bool stops_ = false;
  std::string complaint_;
};

}  // namespace holdfast::simulation
