// What must hold after each pass of the loop, and when all has come to rest.

#include <algorithm>
#include <string>

#include "simulation/model.h"

namespace holdfast::simulation {

namespace {
constexpr uint64_t kRestMs = 2000;
}

void Model::Check(Reactor& reactor, uint64_t began_ms, bool put_off,
                  std::span<const uint32_t> queued_bytes) {
  if (passed_ms_ != 0) {
    longest_pass_ms_ = std::max(longest_pass_ms_, schedule_.now_ms - passed_ms_);
  }
  passed_ms_ = schedule_.now_ms;
  CheckCounts(reactor);
  Observe(reactor);
  for (auto& [slot, life] : lives_) {
    if (life.closing) continue;
    const Connection* connection = reactor.FindConnection(life.id);
    if (connection == nullptr) continue;  // complained of
    CheckTold(life, *connection, queued_bytes[slot]);
    CheckLiveness(life, *connection, began_ms);
    if (!put_off) CheckLate(life, began_ms);
  }
}

// What found no room in a batch goes first in the next ones: each pass tells of several.
void Model::CheckTold(Life& life, const Connection& connection, uint32_t queued_bytes) {
  const bool open = connection.state == ConnectionState::kOpen && connection.error == 0;
  const bool drained =
      life.promised && open && queued_bytes <= life.door->options.low_watermark_bytes;
  const bool ended = life.read_to_end && !life.told_end;
  life.untold_passes = drained || ended ? life.untold_passes + 1 : 0;
  if (life.untold_passes <= 8 + lives_.size()) return;
  Complain(life.id, ended ? "an end of the peer that is not told" : "a drain that does not come");
}

void Model::Observe(Reactor& reactor) {
  for (auto& [slot, life] : lives_) {
    const Connection* connection = reactor.FindConnection(life.id);
    if ((connection == nullptr) != life.closing) Complain(life.id, "closing, or not");
    if (connection != nullptr) Observe(life, *connection);
  }
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
    if (arrived != door.opened + refused) {
      Complain({}, "listener " + std::to_string(id) + ": arrived: " + std::to_string(arrived) +
                       ", accepted: " + std::to_string(door.opened) +
                       ", refused: " + std::to_string(refused));
    }
    open += door.open();
    if (listener == nullptr) {
      if (!door.closed || door.open() != 0) Complain({}, "a listener is gone before its time");
      continue;
    }
    if ((listener->state == ListenerState::kClosed) != door.closed)
      Complain({}, "a listener is closed, or not");
    if (door.closed && door.open() == 0 && refused == door.refused)
      Complain({}, "a closed listener that nobody has left is kept");
    if (listener->connections != door.open()) Complain({}, "a listener counts other connections");
    if (listener->admission != nullptr) CheckLimits(door, *listener);
  }
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
  std::map<uint8_t, uint32_t> by_address;
  for (const auto& [slot, life] : lives_) {
    if (life.door == &door && ++by_address[life.peer.bytes[3]] > most_each)
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
         schedule_.now_ms - door.arrived_ms <= 1000 / limits.rate.per_second + kRestMs;
}

bool Model::CheckAtRest(Reactor& reactor, bool last) {
  for (const auto& [id, door] : doors_) {
    if (MayWait(door) || network_.doors().at(door.handle).waiting.empty()) continue;
    Complain({}, "listener " + std::to_string(id) + ": arrivals wait for nothing");
  }
  for (const auto& [slot, life] : lives_) {
    const Connection* connection = reactor.FindConnection(life.id);
    if (connection == nullptr) {
      if (schedule_.now_ms - life.closing_ms > kRestMs)
        Complain(life.id, "an end that is never told");
      continue;
    }
    const Pipe& pipe = *network_.pipes().at(connection->socket.fd);
    // It is read a byte at a time, perhaps, or has only just begun to end.
    if (pipe.unread() > 0) continue;
    if (life.draining && schedule_.now_ms - life.end_ms < kRestMs) continue;
    if (schedule_.now_ms - life.read_ms < kRestMs) continue;
    // CheckLiveness holds when those end; on some systems without a bound.
    if (pipe.tcp.vanished() || pipe.tcp.outstanding()) continue;
    if (connection->state != ConnectionState::kOpen) Complain(life.id, "an end that never comes");
    if (connection->state != ConnectionState::kOpen || life.send_failed_ms != 0) continue;
    if (life.taken != life.wrote) Complain(life.id, "bytes that are never sent");
  }
  const bool fine = complaint_.empty();
  if (!last) complaint_.clear();
  return fine;
}

}  // namespace holdfast::simulation
