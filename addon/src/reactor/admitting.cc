// Who may come: limits, what becomes of those that are refused, and when accepting goes on.

#include <uv.h>

#include "base/check.h"
#include "reactor/reactor.h"

namespace holdfast {

// False: the arrival was refused and counted, and is the Io's to close.
bool Reactor::Admit(Listener& listener, const Arrival& arrival, uint16_t* rule) {
  if (listener.admission == nullptr) return true;
  Admission& door = *listener.admission;
  const Admission::Verdict verdict = door.Enter(arrival.peer, NowMs());
  if (verdict.cause == Refusal::kNone) {
    *rule = verdict.rule;
    const bool suspends = listener.options.when_full == Consequence::kSuspend;
    if (suspends && !listener.last_call && door.Closed(NowMs()) != Refusal::kNone) {
      Suspend(listener, kByLimit);
      ReopenDoor(listener);
    }
    return true;
  }
  Refuse(listener, verdict.cause, 0);
  const bool full = verdict.cause == Refusal::kMaxConnections || verdict.cause == Refusal::kRate;
  const Consequence wanted = full ? listener.options.when_full : listener.options.when_refused;
  if (wanted == Consequence::kMessage) {
    // Not waited for: an empty send buffer takes it, and a refused client is owed no more.
    platform::SendLast(arrival.fd, std::as_bytes(std::span(listener.options.refusal_message)));
  } else {
    platform::ResetOnClose(arrival.fd);
  }
  return false;
}

void Reactor::Left(Listener& listener, const Connection& connection) {
  if (listener.admission == nullptr) return;
  listener.admission->Leave(connection.peer, connection.rule, NowMs());
  ReopenDoor(listener);
}

// Resumes a listener that a limit has suspended, or sees to it that this is asked again in time.
void Reactor::ReopenDoor(Listener& listener) {
  if (!(listener.suspended & kByLimit)) return;
  switch (listener.admission->Closed(NowMs())) {
    case Refusal::kNone:
      return Resume(listener, kByLimit);
    case Refusal::kRate:
      return RetryAt(NowMs() + listener.admission->RateWaitMs(NowMs()));
    default:
      return;  // until somebody leaves
  }
}

void Reactor::RetryAt(uint64_t at_ms) {
  if (!accept_retry_ms_ || at_ms < *accept_retry_ms_) accept_retry_ms_ = at_ms;
}

void Reactor::Suspend(Listener& listener, Suspension cause) {
  if (listener.state == ListenerState::kClosed) return;
  const bool was = listener.suspended != 0;
  listener.suspended |= cause;
  if (!was) io_->SuspendListener(listener.id);
}

void Reactor::Resume(Listener& listener, Suspension cause) {
  if (listener.state == ListenerState::kClosed || !(listener.suspended & cause)) return;
  listener.suspended &= ~cause;
  if (listener.suspended == 0) io_->ResumeListener(listener.id);
}

// There is no descriptor for an arrival. The reserved one is given up for as long as it takes to
// accept and reset one that waits: its client goes elsewhere, and the listener does not stay
// readable.
Reactor::Shedding Reactor::Shed(Listener& listener) {
  if (reserve_ == platform::kNoSocket) return Shedding::kImpossible;
  int error = 0;
  if (!platform::AcceptAndReset(listener.fd, &reserve_, &error)) {
    // accept(2) looks for a descriptor before it looks for an arrival.
    return error == -UV_EAGAIN ? Shedding::kNobodyWaits : Shedding::kImpossible;
  }
  ++listener.accepted_this_turn;
  ++listener.arrived;
  Refuse(listener, Refusal::kEmfile, -UV_EMFILE);
  return Shedding::kDone;
}

// Counted here and told once a batch: refusing must cost less than serving.
void Reactor::Refuse(Listener& listener, Refusal cause, int error) {
  const auto index = static_cast<size_t>(cause);
  ++listener.refused[index];
  listener.refused_error[index] = error;
  refusals_due_ = true;
}

void Reactor::ReportRefusals() {
  if (!refusals_due_) return;
  refusals_due_ = false;
  for (auto next = listeners_.begin(); next != listeners_.end();) {
    Listener& listener = *next++->second;
    for (uint32_t cause = 0; cause < kRefusalCount; ++cause) {
      if (listener.refused[cause] == 0) continue;
      if (!completions_.HasRoom()) {
        refusals_due_ = true;
        return;
      }
      const uint32_t count = listener.refused[cause];
      listener.refused[cause] = 0;
      completions_.Push(CompletionKind::kRefused, listener.id, cause, count,
                        static_cast<uint32_t>(listener.refused_error[cause]),
                        listener.ArrivedTold());
    }
    ForgetIfDone(listener);
  }
}

}  // namespace holdfast
