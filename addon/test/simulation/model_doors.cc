// What must be true of the listeners: who comes in, and when they close.

#include <string>

#include "simulation/model.h"

namespace holdfast::simulation {

namespace {
// A token of a rate may come so much later.
constexpr uint64_t kRateSlackMs = 2000;
}  // namespace

void Model::Listens(const Listener& listener) {
  Door& door = doors_[listener.id];
  door.options = listener.options;
  door.handle = listener.fd;
  door.arrived_ms = schedule_.now_ms;
  network_.FindDoor(door.handle)->proxies = door.options.proxy.from;
}

void Model::Closes(ListenerId listener) {
  Door& door = doors_.at(listener);
  door.closed = door.closed_by_host = true;
  if (door.draining) network_.Note(Seen::kClosedWhileDraining);
}

// From then on the host suspends it no more.
void Model::Drains(ListenerId listener, uint32_t grace_ms) {
  Door& door = doors_.at(listener);
  door.suspended = false;
  door.draining = true;
  door.grace_ms = grace_ms;
  door.grace_over_ms = schedule_.now_ms + grace_ms;
  network_.FindDoor(door.handle)->waits_until_ms = door.grace_over_ms;
}

void Model::ClosesDoor(ListenerId listener, bool suspended) {
  Door& door = doors_.at(listener);
  if (stops_ || door.closed) return;
  door.closed = true;
  if (!door.draining) Complain({}, "a listener closes, and nobody asked for it");
  network_.Note(Seen::kListenerDrained);
  const simulation::Door& there = network_.doors().at(door.handle);
  // Where handshakes go on to begin the door may never be empty.
  if (there.answers) return;
  if (schedule_.now_ms < door.grace_over_ms) Complain({}, "a door is closed before its time");
  // Out of memory nobody can be accepted.
  if (suspended || there.waiting.empty()) return;
  Complain({}, "a door is closed in front of " + std::to_string(there.waiting.size()));
}

// Of each listener: every arrival is accounted for, also those of one that was closed since, and
// who is inside is who the host knows.
void Model::CheckCounts(Reactor& reactor) {
  uint64_t open = 0;
  for (auto& [id, door] : doors_) {
    const Listener* listener = reactor.FindListener(id);
    uint64_t refused = door.refused;
    if (listener != nullptr) {
      for (const uint32_t waiting : listener->refused) refused += waiting;
    }
    const uint64_t arrived = network_.doors().at(door.handle).accepted;
    if (arrived != door.arrived) door.arrived_ms = schedule_.now_ms;
    door.arrived = arrived;
    if (arrived != door.opened + refused + door.waiting) {
      Complain({}, "listener " + std::to_string(id) + ": arrived: " + std::to_string(arrived) +
                       ", accepted: " + std::to_string(door.opened) + ", refused: " +
                       std::to_string(refused) + ", waiting: " + std::to_string(door.waiting));
    }
    open += door.open();
    // However full the batches are, it goes first in one of the next.
    door.untold_passes = door.closed && door.draining && !door.drained ? door.untold_passes + 1 : 0;
    if (door.untold_passes > 4 + lives_.size() / 4)
      Complain({}, "listener " + std::to_string(id) + ": drained, and never told");
    if (listener == nullptr) {
      if (!door.closed || door.open() + door.waiting + door.leaving != 0 ||
          door.drained != door.draining)
        Complain({}, "a listener is gone before its time");
      continue;
    }
    if ((listener->state == ListenerState::kClosed) != door.closed)
      Complain({}, "a listener is closed, or not");
    const bool told = refused == door.refused && door.drained == door.draining;
    if (door.closed && door.open() + door.leaving == 0 && told)
      Complain({}, "a closed listener that nobody has left is kept");
    if (listener->connections != door.open() + door.waiting + door.leaving)
      Complain({}, "a listener counts other connections");
    if (listener->headers_awaited != door.waiting) Complain({}, "a listener awaits other headers");
    CheckQueues(reactor, door, *listener);
    if (listener->admission != nullptr) CheckLimits(door, *listener);
  }
  if (network_.shed_early != 0) Complain({}, "shed while others could still leave");
  if (open != ledger_.open() || ledger_.opened() != ledger_.open() + ledger_.closed())
    Complain({}, "accepted is not open and closed");
}

void Model::CheckLimits(const Door& door, const Listener& listener) {
  if (listener.admission->inside() != door.open())
    Complain({}, "admission counts others than are open");
  const uint32_t most = door.options.admission.connections;
  if (most != 0 && door.open() > most) Complain({}, "more connections than allowed");
  const uint32_t most_each = door.options.admission.connections_per_address;
  if (most_each == 0) return;
  // Clients behind proxies and others differ in the first byte.
  std::map<std::pair<uint8_t, uint8_t>, uint32_t> by_address;
  for (const auto& [slot, life] : lives_) {
    const std::pair address(life.peer.bytes[0], life.peer.bytes[3]);
    if (life.door == &door && ++by_address[address] > most_each)
      Complain(life.id, "more of an address than allowed");
  }
}

// Whether arrivals may wait in the kernel's queue now that nothing else goes on.
bool Model::MayWait(const Door& door) const {
  if (door.closed || door.suspended) return true;
  if (door.options.when_full != Consequence::kSuspend) return false;
  const AdmissionOptions& limits = door.options.admission;
  if (limits.connections != 0 && door.open() >= limits.connections) return true;
  return limits.rate.limits() &&
         schedule_.now_ms - door.arrived_ms <= 1000 / limits.rate.per_second + kRateSlackMs;
}

void Model::CheckDoorAtRest(ListenerId id, const Door& door) {
  if (door.draining && !door.drained)
    Complain({}, "listener " + std::to_string(id) + " is never drained");
  // CheckWaiting bounds how long a header is awaited.
  if (network_.doors().at(door.handle).accepted != door.opened + door.refused + door.waiting)
    Complain({}, "listener " + std::to_string(id) + ": refusals that are never told");
  if (MayWait(door) || network_.doors().at(door.handle).waiting.empty()) return;
  Complain({}, "listener " + std::to_string(id) + ": arrivals wait for nothing");
}

}  // namespace holdfast::simulation
