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
  // Whoever closes waits for the last connection, though nobody waited for arrivals, and though
  // that connection may be unreferenced.
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
    if (!listener.grace_over_ms) {
      listener.grace_over_ms = NowMs() + listener.grace_ms;
      HastenHeaders(listener);
    }
    if (IsDrained(listener)) {
      CloseListener(id);
    } else if (listener.last_call || NowMs() >= *listener.grace_over_ms) {
      CallLast(listener);
    } else {
      // Until then those who still wait wake the loop.
      RetryAt(*listener.grace_over_ms);
    }
  }
}

// One is free again: somebody at the door of a listener that drains may wait for it.
void Reactor::OfferDescriptor() {
  if (draining_ == 0) return;
  for (const auto& [id, listener] : listeners_) {
    if (listener->state == ListenerState::kDraining) Resume(*listener, kBySystem);
  }
}

// Who still waits is accepted in the next turn, or refused and counted.
void Reactor::CallLast(Listener& listener) {
  if (!listener.last_call) {
    listener.last_call = true;
    Resume(listener, kByLimit);
    Resume(listener, kBySystem);
  }
  // Those whose header is awaited have deadlines of their own.
  if (listener.headers_awaited == 0 || !IsDoorEmpty(listener)) OnReady();
}

bool Reactor::IsDrained(const Listener& listener) const {
  // Where handshakes go on to begin, the door may never be empty: the grace bounds it.
  if (listener.starts_handshakes && listener.last_call) return true;
  if (!listener.starts_handshakes && !listener.last_call) return false;
  return listener.headers_awaited == 0 && IsDoorEmpty(listener);
}

bool Reactor::IsDoorEmpty(const Listener& listener) const {
  // No memory even at the last call: who waits cannot be accepted, nor refused.
  if (listener.last_call && (listener.suspended & kBySystem)) return true;
  return !io_->HasArrival(listener.id);
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
    ForgetIfDone(listener);
  }
}

}  // namespace holdfast
