// How a listener is closed without losing anybody: close(2) resets who waits in the kernel's queue,
// and breaks off the handshakes under way.

#include "reactor/reactor.h"

namespace holdfast {

void Reactor::DrainListener(Listener& listener, uint32_t grace_ms) {
  if (listener.state != ListenerState::kListening) return;
  listener.state = ListenerState::kDraining;
  listener.starts_handshakes = !platform::StopHandshakes(listener.fd);
  listener.grace_ms = grace_ms;
  ++draining_;
  // Whoever closes waits for it, though nobody waited for arrivals.
  SetListenerReferenced(listener, true);
  Resume(listener, kByHost);
  OnReady();
}

// After the turns of a poll, for those may have accepted the last.
void Reactor::CloseDrained() {
  if (draining_ == 0) return;
  for (const auto& [id, drains] : listeners_) {
    Listener& listener = *drains;
    if (listener.state != ListenerState::kDraining) continue;
    // Not before the first poll: until then the loop's clock is behind by whatever the host
    // computed.
    if (!listener.grace_over_ms) listener.grace_over_ms = NowMs() + listener.grace_ms;
    if (listener.IsLast(NowMs())) Resume(listener, kByLimit);
    // To accept who still waits; before the end of the grace they wake the loop.
    if (IsDrained(listener)) {
      CloseListener(id);
    } else if (listener.IsLast(NowMs())) {
      OnReady();
    } else {
      RetryAt(*listener.grace_over_ms);
    }
  }
}

bool Reactor::IsDrained(const Listener& listener) const {
  const bool last = listener.IsLast(NowMs());
  // No descriptor or memory even now: who waits cannot be accepted.
  if (last && (listener.suspended & kBySystem)) return true;
  // Where handshakes go on to begin, the door may never be empty: the grace bounds it.
  if (listener.starts_handshakes) return last || !io_->HasArrival(listener.id);
  return last && !io_->HasArrival(listener.id);
}

// Behind the last arrival and, since refusals that find no room leave none, behind the last
// refusal: nothing of this listener follows.
void Reactor::ReportDrained() {
  if (!drained_due_) return;
  drained_due_ = false;
  for (auto next = listeners_.begin(); next != listeners_.end();) {
    Listener& listener = *(next++)->second;
    if (!listener.drained_due) continue;
    if (!completions_.HasRoom()) {
      drained_due_ = true;
      return;
    }
    completions_.Push(CompletionKind::kDrained, listener.id, listener.ArrivedTold());
    listener.drained_due = false;
    --draining_;
    SetListenerReferenced(listener, false);
    ForgetIfDone(listener);
  }
}

}  // namespace holdfast
