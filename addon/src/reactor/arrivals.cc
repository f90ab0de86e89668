// Listeners, and the sockets they accept.

#include <uv.h>

#include <algorithm>

#include "base/check.h"
#include "reactor/reactor.h"

namespace holdfast {

namespace {
// Out of memory, or of descriptors and of the reserve as well: arrivals wait in the kernel's queue
// and accepting is tried again after this time, instead of spinning on a listener that stays
// readable.
constexpr uint64_t kAcceptRetryMs = 100;

// accept(2): errors that were pending on the new socket; that one is gone, the next may be fine.
bool ConcernsOneArrival(int error) {
  switch (error) {
    case -UV_ECONNABORTED:
    case -UV_EPROTO:
    case -UV_ENETDOWN:
    case -UV_ENOPROTOOPT:
    case -UV_EHOSTDOWN:
    case -UV_EHOSTUNREACH:
    case -UV_ENOTSUP:
    case -UV_ENETUNREACH:
    case -UV_EPERM:
      return true;
    default:
      return false;
  }
}
}  // namespace

platform::Outcome Reactor::Listen(const ListenerOptions& options, Listener** out) {
  auto listener = std::make_unique<Listener>();
  listener->id = next_listener_++;
  listener->options = options;
  if (options.admission.Any()) {
    listener->admission = std::make_unique<Admission>(options.admission, seed_, NowMs());
  }
  if (!options.proxy.from.empty()) {
    listener->proxies = std::make_unique<PrefixTable>();
    for (const Prefix& prefix : options.proxy.from) listener->proxies->Add(prefix, 0);
  }
  if (options.intake.Any() && intakes_ == nullptr) {
    intakes_ = std::make_unique<IntakeTable>(NowMs() / kTickMs);
  }
  platform::SocketHandle fd = platform::kNoSocket;
  if (const auto outcome = platform::OpenBound(options.bind, &fd); outcome.error != 0) {
    return outcome;
  }
  if (platform::kInheritsOptions) {
    // Before listen(): a connection is cloned from its listener when its handshake completes, so an
    // option set later misses those already queued.
    const int error = platform::ApplyKeepalive(fd, options.keepalive, &listener->unsupported);
    if (error != 0) {
      platform::Close(fd);
      return {error, "setsockopt"};
    }
    if (options.no_delay) platform::SetNoDelay(fd);
    listener->in_force = platform::ReadKeepalive(fd);
  } else {
    listener->in_force = options.keepalive;
  }
  // Listeners look up their owner by id when something arrives, so it must be known before.
  Listener* added = listener.get();
  listeners_[added->id] = std::move(listener);
  if (const auto outcome = io_->Listen(added->id, fd, options.backlog); outcome.error != 0) {
    listeners_.erase(added->id);
    return outcome;
  }
  added->fd = fd;
  added->address = platform::LocalAddress(fd);
  loop_->Reference();
  *out = added;
  return {};
}

void Reactor::CloseListener(ListenerId id) {
  Listener* listener = FindListener(id);
  if (listener == nullptr || listener->state == ListenerState::kClosed) return;
  io_->CloseListener(id);
  listener->drained_due = listener->state == ListenerState::kDraining;
  listener->state = ListenerState::kClosed;
  listener->fd = platform::kNoSocket;
  // One that was drained keeps the loop alive until it is forgotten.
  drained_due_ |= listener->drained_due;
  // Behind the change of state: descriptors that come free are offered to doors that are open.
  TurnAwayAll(*listener);
  if (!listener->drained_due) SetListenerReferenced(*listener, false);
  ForgetIfDone(*listener);
}

Listener* Reactor::FindListener(ListenerId id) {
  const auto found = listeners_.find(id);
  return found == listeners_.end() ? nullptr : found->second.get();
}

void Reactor::SetListenerReferenced(Listener& listener, bool referenced) {
  if (listener.referenced == referenced) return;
  listener.referenced = referenced;
  referenced ? loop_->Reference() : loop_->Unreference();
}

// Also whom it has refused is told before.
void Reactor::ForgetIfDone(Listener& listener) {
  if (listener.state != ListenerState::kClosed || listener.connections != 0) return;
  if (listener.drained_due) return;
  const auto told = [](uint32_t waiting) { return waiting == 0; };
  if (std::all_of(listener.refused.begin(), listener.refused.end(), told)) {
    SetListenerReferenced(listener, false);
    listeners_.erase(listener.id);
  }
}

uint32_t Reactor::AcceptAllowance(ListenerId id) {
  const Listener& listener = *FindListener(id);
  if (listener.suspended != 0) return 0;
  const uint32_t budget = listener.options.accept_budget - listener.accepted_this_turn;
  return std::min(budget, completions_.records_left());
}

Socket* Reactor::OnArrival(ListenerId id, const Arrival& arrival) {
  Listener& listener = *FindListener(id);
  ++listener.accepted_this_turn;
  ++listener.arrived;
  if (listener.proxies != nullptr) {
    if (listener.proxies->Find(arrival.peer) != kNoRule) return AwaitHeader(listener, arrival);
    if (listener.options.proxy.deny_others) {
      platform::ResetOnClose(arrival.fd);
      Refuse(listener, Refusal::kProxyHeader, 0);
      return nullptr;
    }
  }
  uint16_t rule = kNoRule;
  if (!Admit(listener, arrival, &rule)) return nullptr;
  Connection* connection = Accept(listener, arrival);
  if (connection == nullptr) {
    // Admitted as the last there was room for, it may have suspended the listener.
    if (listener.admission) {
      listener.admission->Leave(arrival.peer, rule, NowMs());
      ReopenDoor(listener);
    }
    Refuse(listener, Refusal::kMaxConnections, 0);
    return nullptr;
  }
  connection->rule = rule;
  Open(*connection);
  return &connection->socket;
}

// Null when there is no slot left.
Connection* Reactor::Accept(Listener& listener, const Arrival& arrival) {
  ConnectionId assigned;
  Connection* connection = connections_.Acquire(&assigned);
  if (connection == nullptr) return nullptr;
  connection->socket.id = assigned;
  connection->socket.fd = arrival.fd;
  connection->socket.handle = arrival.handle;
  connection->peer = arrival.peer;
  connection->listener = &listener;
  connection->opened_ms = connection->last_heard_ms = NowMs();
  connection->detection_ms = listener.options.detection_ms;
  queued_bytes_[assigned.slot] = 0;
  wants_drain_[assigned.slot] = 0;
  OpenIntake(*connection);
  ++listener.connections;
  return connection;
}

// The payload: kOpenPeerBytes and a PROXY header, or none.
void Reactor::Open(Connection& connection, uint32_t payload, uint32_t payload_bytes) {
  connection.opened_ms = NowMs();
  Activity& activity = connection.activity;
  activity.opened_ms = activity.read_ms = activity.sent_ms = ActivityNowMs();
  SetConnectionReferenced(connection, true);
  const auto [slot, generation] = connection.socket.id;
  const Listener& listener = *connection.listener;
  completions_.Push(CompletionKind::kOpen, slot, generation, listener.id, listener.ArrivedTold(),
                    payload, payload_bytes);
}

void Reactor::OnAttached(Socket& socket, int error) {
  Connection& connection = connections_.At(socket.id.slot);
  if (error != 0) return Fail(connection, error);
  Configure(*connection.listener, socket.fd);
  connection.unopened ? ArmHeaderDeadline(connection) : ArmDeadline(connection);
}

// Nothing at all for an accepted socket that inherits: the first one of a listener shows whether it
// does, by reading its options back.
void Reactor::Configure(Listener& listener, platform::SocketHandle fd) {
  if (platform::kInheritsOptions && listener.inheritance == Inheritance::kUnverified) {
    const bool same = platform::ReadKeepalive(fd) == listener.in_force;
    listener.inheritance = same ? Inheritance::kVerified : Inheritance::kAbsent;
  }
  if (!listener.SetsPerSocket()) return;
  platform::Unsupported unsupported;
  const int error = platform::ApplyKeepalive(fd, listener.options.keepalive, &unsupported);
  // The connection lives on without; the listener's effective policy says so from then on.
  if (error != 0) listener.configure_error = error;
  if (listener.options.no_delay) platform::SetNoDelay(fd);
  if (!platform::kInheritsOptions) {
    listener.unsupported = unsupported;
    listener.in_force = platform::ReadKeepalive(fd, listener.options.keepalive);
    listener.inheritance = Inheritance::kVerified;
  }
}

bool Reactor::OnAcceptError(ListenerId id, int error) {
  if (ConcernsOneArrival(error)) return true;
  Listener& listener = *FindListener(id);
  // Of a listener that drains, others are about to leave and to free theirs.
  const bool may_wait = listener.state == ListenerState::kDraining && !listener.last_call;
  if (!may_wait && (error == -UV_EMFILE || error == -UV_ENFILE)) {
    const Shedding shedding = Shed(listener);
    if (shedding != Shedding::kImpossible) return shedding == Shedding::kDone;
  }
  Suspend(listener, kBySystem);
  RetryAt(NowMs() + kAcceptRetryMs);
  return false;
}

void Reactor::RetryAccepting() {
  if (!accept_retry_ms_ || NowMs() < *accept_retry_ms_) return;
  accept_retry_ms_.reset();
  if (reserve_ == platform::kNoSocket) reserve_ = platform::OpenReserve();
  for (const auto& [id, listener] : listeners_) {
    Resume(*listener, kBySystem);
    ReopenDoor(*listener);
  }
}

}  // namespace holdfast
