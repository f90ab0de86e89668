// The listener's rules: how long a connection may be idle, unready, silent, or open at all.

#include <algorithm>

#include "net/deadlines.h"
#include "reactor/reactor.h"

namespace holdfast {

namespace {
// While more sockets are ready than a poll can read, one that seems silent may only wait its turn.
// Judged all the same after so many polls in a row: a server that is never done must keep its
// rules.
constexpr uint32_t kPutOffMost = 64;
}  // namespace

// Called for every receive: a store, whatever rules there are.
void Reactor::NoteHeard(Connection& connection) {
  connection.activity.read_ms = ActivityNowMs();
  if (!connection.activity.beat_unanswered) return;
  connection.activity.beat_unanswered = false;
  // The next heartbeat may be due before the reply to this one was.
  ArmDeadline(connection);
}

// Deadlines only move away by themselves, so what is armed is moved only when one comes nearer.
void Reactor::ArmDeadline(Connection& connection) {
  const DeadlineOptions& options = connection.listener->options.deadlines;
  if (!options.Any()) return;
  const Deadline next =
      NextDeadline(options, connection.activity, connection.socket.id, ActivityNowMs());
  if (next.kind == DeadlineKind::kNone) return;
  const uint64_t in_ms = static_cast<uint64_t>(std::max<int64_t>(next.in_ms, 0));
  const uint64_t tick = (NowMs() + in_ms + kTickMs - 1) / kTickMs;
  if (connection.deadline.armed && connection.deadline.deadline_tick <= tick) return;
  deadlines_.Schedule(connection.socket.id.slot, tick);
}

// After the turns of a poll: what had come by then has been received.
void Reactor::JudgeDeadlines() {
  if (stopping_) return;
  if (io_->LeftUnread() && ++judging_put_off_ < kPutOffMost) return;
  judging_put_off_ = 0;
  deadlines_.Advance(NowMs() / kTickMs, [this](uint32_t slot) { Judge(connections_.At(slot)); });
}

void Reactor::Judge(Connection& connection) {
  if (connection.IsClosing()) return;
  if (connection.unopened) return JudgeHeader(connection);
  connection.activity.StopAging(ActivityNowMs());
  const Deadline next = NextDeadline(connection.listener->options.deadlines, connection.activity,
                                     connection.socket.id, ActivityNowMs());
  if (next.kind == DeadlineKind::kNone) return;
  if (next.in_ms > 0) return ArmDeadline(connection);
  switch (next.kind) {
    case DeadlineKind::kNone:
      return;
    case DeadlineKind::kIdle:
      return Close(connection, DisconnectReason::kIdleTimeout, 0, false);
    case DeadlineKind::kHandshake:
      return Close(connection, DisconnectReason::kHandshakeTimeout, 0, false);
    case DeadlineKind::kBeatReply:
      return Close(connection, DisconnectReason::kHeartbeatTimeout, 0, false);
    case DeadlineKind::kEnd:
      return Close(connection, connection.reason, 0, false);
    case DeadlineKind::kBacklog:
      return Close(connection, DisconnectReason::kSlowConsumer, 0, true);
    case DeadlineKind::kLifetime:
      AskToEnd(connection, DisconnectReason::kLifetime);
      return Judge(connection);
    case DeadlineKind::kBeat:
      connection.activity.beat_unanswered = true;
      connection.activity.beat_ms = ActivityNowMs();
      connection.beat_due = true;
      Report(connection);
      // Another rule may be due as well, after a stall; armed, it would wait for the next tick.
      return Judge(connection);
  }
}

}  // namespace holdfast
