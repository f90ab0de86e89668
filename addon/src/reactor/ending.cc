// How a connection ends, and how that is reported: exactly once, with evidence.

#include "base/check.h"
#include "net/classify.h"
#include "net/liveness.h"
#include "queues/record.h"
#include "reactor/reactor.h"

namespace holdfast {

void Reactor::Move(Connection& connection, ConnectionState to) {
  HF_CHECK(CanMove(connection.state, to));
  connection.state = to;
}

// The peer's FIN. What to do about it is the host's decision: it may still have something to say.
void Reactor::OnEnd(Socket& socket) {
  Connection& connection = connections_.At(socket.id.slot);
  if (connection.unopened) return TurnAway(connection, 0);
  if (connection.error != 0) return Fail(connection, connection.error);
  connection.peer_ended = true;
  connection.end_due = true;
  // With both FINs it is over: the end is reported together with the completion.
  if (connection.fin_sent) return Close(connection, connection.reason, 0, false);
  Report(connection);
  if (IsBlindTo(connection)) LookWithin(connection, kConfirmMs);
}

void Reactor::End(Connection& connection, DisconnectReason reason) {
  if (connection.state != ConnectionState::kOpen) return;
  // The first cause counts: to answer a FIN is not to end a connection.
  const bool answers = connection.peer_ended && reason == DisconnectReason::kLocalEnd;
  connection.reason = answers ? DisconnectReason::kPeerEnd : reason;
  Move(connection, ConnectionState::kDraining);
  BeginEnding(connection);
  if (connection.queue == nullptr) SendFin(connection);
}

// An orderly end that a rule wants is the host's to carry out: then it knows, and all that it wrote
// before it knew is sent. Without an answer `end_ms` is the bound all the same.
void Reactor::AskToEnd(Connection& connection, DisconnectReason reason) {
  if (connection.state != ConnectionState::kOpen) return;
  connection.reason = reason;
  connection.ending_due = true;
  BeginEnding(connection);
  Report(connection);
}

void Reactor::BeginEnding(Connection& connection) {
  if (connection.activity.ending) return;
  connection.activity.ending = true;
  connection.activity.end_ms = ActivityNowMs();
  ArmDeadline(connection);
}

void Reactor::SendFin(Connection& connection) {
  // With both FINs there is nothing more to hear: close(2) sends ours.
  if (connection.peer_ended) return Close(connection, connection.reason, 0, false);
  // A failure means that the connection is broken already, which the next read reports; then FIN is
  // not what went unanswered.
  connection.fin_failed = io_->Shutdown(connection.socket) != 0;
  connection.fin_sent = true;
  WatchLiveness(connection);
}

// Bytes that came before the failure are still readable, and are delivered first.
void Reactor::SendFailed(Connection& connection, int error) {
  connection.error = error;
  if (connection.activity.unread || connection.peer_ended) return Fail(connection, error);
  // The failed socket reports a hangup, and reading it to its end finds `error`. Should that not
  // come, a look ends the connection.
  LookWithin(connection, kConfirmMs);
}

void Reactor::OnSendError(Socket& socket, int error) {
  SendFailed(connections_.At(socket.id.slot), error);
}

void Reactor::OnError(Socket& socket, int error) {
  Connection& connection = connections_.At(socket.id.slot);
  Fail(connection, connection.error != 0 ? connection.error : error);
}

void Reactor::Fail(Connection& connection, int error) {
  Close(connection, DisconnectReason::kNone, error, false);
}

// Without a reason the error and the evidence name it.
void Reactor::Close(Connection& connection, DisconnectReason reason, int error, bool reset) {
  if (connection.IsClosing()) return;
  if (connection.unopened) return TurnAway(connection, error);
  connection.evidence = std::make_unique<Evidence>(Gather(connection, NowMs()));
  connection.evidence->error = error;
  connection.reason =
      reason == DisconnectReason::kNone ? Classify(error, *connection.evidence) : reason;
  connection.evidence->reset_by_peer = connection.reason == DisconnectReason::kPeerReset;
  Move(connection, ConnectionState::kClosing);
  wheel_.Cancel(connection.socket.id.slot);
  deadlines_.Cancel(connection.socket.id.slot);
  if (connection.queue) connection.queue->Abandon();
  CloseIntake(connection);
  io_->Close(connection.socket, reset);
}

void Reactor::OnClosed(ConnectionId id) {
  Connection* connection = connections_.Find(id);
  HF_CHECK(connection != nullptr);
  Move(*connection, ConnectionState::kClosed);
  connection->queue.reset();
  if (stopping_) return;
  OfferDescriptor();
  if (connection->unopened) return Vacate(*connection);
  Report(*connection);
  OnReady();
}

// At once when the batch has room, else as soon as it has; never out of order.
void Reactor::Report(Connection& connection) {
  if (connection.report_due || (!delivering_ && TryReport(connection))) return;
  connection.report_due = true;
  due_.push_back(connection.socket.id);
}

bool Reactor::TryReport(Connection& connection) {
  const auto [slot, generation] = connection.socket.id;
  if (connection.end_due) {
    if (!completions_.HasRoom()) return false;
    completions_.Push(CompletionKind::kEnd, slot, generation);
    connection.end_due = false;
  }
  if (connection.drain_due) {
    if (!completions_.HasRoom()) return false;
    completions_.Push(CompletionKind::kDrain, slot, generation);
    connection.drain_due = false;
  }
  if (connection.beat_due) {
    if (!completions_.HasRoom()) return false;
    completions_.Push(CompletionKind::kBeat, slot, generation);
    connection.beat_due = false;
  }
  // Not of one that has begun to end meanwhile.
  if (connection.ending_due && connection.state == ConnectionState::kOpen) {
    if (!completions_.HasRoom()) return false;
    completions_.Push(CompletionKind::kEnding, slot, generation,
                      static_cast<uint32_t>(connection.reason));
  }
  connection.ending_due = false;
  if (connection.state != ConnectionState::kClosed) return true;
  if (!completions_.HasRoom(kEvidenceBytes)) return false;
  const uint32_t payload = completions_.Take(kEvidenceBytes);
  connection.evidence->WriteTo({completions_.At(payload), kEvidenceBytes});
  completions_.Push(CompletionKind::kClosed, slot, generation,
                    static_cast<uint32_t>(connection.reason),
                    static_cast<uint32_t>(connection.evidence->error), payload, kEvidenceBytes,
                    connection.decided_by_clock ? 1 : 0);
  connection.evidence.reset();
  retiring_.push_back(slot);
  return true;
}

void Reactor::ReportDue() {
  if (due_.empty()) return;
  size_t kept = 0;
  for (const ConnectionId id : due_) {
    Connection& connection = connections_.At(id.slot);
    if (TryReport(connection)) {
      connection.report_due = false;
    } else {
      due_[kept++] = id;
    }
  }
  due_.resize(kept);
}

// The host has seen the last record of these ids; only now may their slots serve again.
void Reactor::Retire() {
  for (const uint32_t slot : retiring_) {
    Connection& connection = connections_.At(slot);
    HF_CHECK(connection.state == ConnectionState::kClosed);
    SetConnectionReferenced(connection, false);
    Left(*connection.listener, connection);
    Vacate(connection);
  }
  retiring_.clear();
}

void Reactor::Vacate(Connection& connection) {
  Listener& listener = *connection.listener;
  connections_.Release(connection.socket.id.slot);
  --listener.connections;
  ForgetIfDone(listener);
}

}  // namespace holdfast
