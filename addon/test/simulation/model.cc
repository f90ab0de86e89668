#include "simulation/model.h"

namespace holdfast::simulation {

namespace {
constexpr uint64_t kRestMs = 2000;
}

void Model::Mix(uint64_t word) {
  hash_ = (hash_ ^ word) * 0x100000001b3ull;
  hash_ ^= hash_ >> 29;
}

void Model::Complain(ConnectionId id, const std::string& what) {
  if (!complaint_.empty()) return;
  complaint_ = what + " (slot " + std::to_string(id.slot) + " generation " +
               std::to_string(id.generation) + ", at " + std::to_string(schedule_.now_ms) + " ms)";
}

Model::Life& Model::At(ConnectionId id) {
  const auto found = lives_.find(id.slot);
  if (found != lives_.end() && found->second.id == id) return found->second;
  Complain(id, "an id that is not in use");
  return nobody_;
}

void Model::Accepted(const Pipe& pipe) {
  const uint64_t now = schedule_.now_ms;
  Mix(pipe.id.slot);
  if (lives_.contains(pipe.id.slot))
    Complain(pipe.id, "a slot serves again before its end was told");
  Life& life = lives_[pipe.id.slot] = {};
  life.id = pipe.id;
  life.stream = pipe.stream;
  life.peer = pipe.peer;
  life.opened_ms = life.read_ms = life.sent_ms = now;
}

void Model::Received(ConnectionId id, size_t bytes) {
  Life& life = At(id);
  Mix(bytes);
  if (life.closing) Complain(id, "received from while closing");
  if (life.paused) Complain(id, "received from while paused");
  life.received += bytes;
  life.read_ms = schedule_.now_ms;
  life.beat_unanswered = false;
}

void Model::ReadToEnd(ConnectionId id) {
  Life& life = At(id);
  life.read_to_end = true;
  life.unwatched_ms = schedule_.now_ms;
}

void Model::Sent(ConnectionId id, size_t bytes) {
  Life& life = At(id);
  Mix(bytes);
  life.taken += bytes;
  if (bytes > 0) life.sent_ms = schedule_.now_ms;
  if (life.taken > life.wrote) Complain(id, "sent more than the host wrote");
}

void Model::SendFailed(ConnectionId id) {
  Life& life = At(id);
  if (life.send_failed_ms == 0) life.send_failed_ms = schedule_.now_ms;
}

void Model::Paused(ConnectionId id) {
  Life& life = At(id);
  life.paused = true;
  life.unwatched_ms = schedule_.now_ms;
}

void Model::Resumed(ConnectionId id) {
  Life& life = At(id);
  life.paused = false;
  life.read_ms = life.resumed_ms = schedule_.now_ms;
}

void Model::Closing(const Pipe& pipe, bool reset, bool all_read) {
  Life& life = At(pipe.id);
  if (life.closing) Complain(pipe.id, "closed twice");
  life.closing = true;
  life.closing_ms = schedule_.now_ms;
  life.all_read = all_read;
  life.reset = reset;
  life.left_unread = pipe.unread() > 0;
}

// Out of memory nobody can be accepted, and where handshakes go on to begin the door may never be
// empty.
void Model::ClosedDoor(bool suspended) {
  if (stops_ || suspended || network_.listens || network_.waiting() == 0) return;
  Complain({}, "a door is closed in front of " + std::to_string(network_.waiting()));
}

void Model::Told(const Event& event) {
  ++events_;
  Mix(schedule_.now_ms);
  // All but a closed's payload, whose place depends on nothing but is no event.
  for (size_t i = 0; i < 5; ++i) Mix(event.words[i]);
  ledger_.Note(event);
  if (!ledger_.violations().empty()) Complain(event.id, ledger_.violations().front());
  if (event.kind == CompletionKind::kRefused) {
    refused_told_ += event.words[3];
    return;
  }
  if (event.kind == CompletionKind::kDrained) {
    drained_ = true;
    return;
  }
  Life& life = At(event.id);
  switch (event.kind) {
    case CompletionKind::kData:
      for (size_t i = 0; i < event.bytes.size(); ++i) {
        if (static_cast<std::byte>(event.bytes[i]) == ByteAt(life.stream, life.told + i)) continue;
        Complain(event.id, "a byte told is not the next one of its peer");
        break;
      }
      life.told += event.bytes.size();
      if (life.told > life.received) Complain(event.id, "told more than was received");
      return;
    case CompletionKind::kEnd:
      if (!life.read_to_end) Complain(event.id, "an end that the peer did not send");
      if (life.told != life.received) Complain(event.id, "an end in front of bytes");
      life.told_end = true;
      return;
    case CompletionKind::kDrain:
      // One may be on its way while the next is promised: then two come, or one for both.
      if (life.promises == 0) Complain(event.id, "a drain that was not promised");
      if (life.promises > 0) --life.promises;
      life.promised = false;
      return;
    case CompletionKind::kBeat:
      // One that is asked for in the pass in which another rule ends the connection is not seen.
      if (++life.beats_told > life.beats + (life.closing ? 1 : 0)) {
        Complain(event.id, "a heartbeat too many");
      }
      return;
    case CompletionKind::kClosed:
      ToldClosed(life, event);
      lives_.erase(event.id.slot);
      return;
    default:
      return;
  }
}

void Model::ToldClosed(Life& life, const Event& event) {
  if (!life.closing) Complain(event.id, "closed, and its socket is open");
  if (life.told != life.received) Complain(event.id, "closed in front of bytes");
  if (event.Evidence("bytesRead") != static_cast<double>(life.received)) {
    Complain(event.id, "the evidence counts other bytes read");
  }
  if (event.Evidence("bytesWritten") != static_cast<double>(life.taken)) {
    Complain(event.id, "the evidence counts other bytes written");
  }
  if (life.beats_told < life.beats) Complain(event.id, "a heartbeat that was never told");
  JudgeReason(life, event);
}

void Model::Check(Reactor& reactor, const Listener* listener, uint64_t began_ms, bool put_off,
                  std::span<const uint32_t> queued_bytes) {
  if (listener != nullptr) {
    CheckCounts(*listener);
  } else if (ledger_.open() != 0) {
    Complain({}, "a listener is forgotten before its connections");
  }
  Observe(reactor);
  for (auto& [slot, life] : lives_) {
    if (life.closing) continue;
    CheckTold(life, *reactor.FindConnection(life.id), queued_bytes[slot]);
    if (!put_off) CheckLate(life, began_ms);
  }
}

// What found no room in a batch goes first in the next ones: each pass tells of several.
void Model::CheckTold(Life& life, const Connection& connection, uint32_t queued_bytes) {
  const bool open = connection.state == ConnectionState::kOpen && connection.error == 0;
  const bool drained = life.promised && open && queued_bytes <= options_.low_watermark_bytes;
  const bool ended = life.read_to_end && !life.told_end;
  life.untold_passes = drained || ended ? life.untold_passes + 1 : 0;
  if (life.untold_passes <= 8 + lives_.size() / 2) return;
  Complain(life.id, ended ? "an end of the peer that is not told" : "a drain that does not come");
}

void Model::Observe(Reactor& reactor) {
  for (auto& [slot, life] : lives_) {
    const Connection* connection = reactor.FindConnection(life.id);
    if ((connection == nullptr) != life.closing) Complain(life.id, "closing, or not");
    if (connection != nullptr) Observe(life, *connection);
  }
}

// Each arrival is accounted for, and admission counts whom the host knows.
void Model::CheckCounts(const Listener& listener) {
  uint64_t refused = refused_told_;
  for (const uint32_t waiting : listener.refused) refused += waiting;
  if (network_.accepted != ledger_.opened() + refused) {
    Complain({}, "arrived: " + std::to_string(network_.accepted) + ", accepted: " +
                     std::to_string(ledger_.opened()) + ", refused: " + std::to_string(refused));
  }
  if (ledger_.opened() != ledger_.open() + ledger_.closed())
    Complain({}, "accepted is not open and closed");
  if (listener.connections != ledger_.open()) Complain({}, "the listener counts other connections");
  if (listener.admission == nullptr) return;
  if (listener.admission->inside() != ledger_.open())
    Complain({}, "admission counts others than are open");
  const uint32_t most = options_.admission.connections;
  if (most != 0 && ledger_.open() > most) Complain({}, "more connections than allowed");
  const uint32_t most_each = options_.admission.connections_per_address;
  if (most_each == 0) return;
  std::map<uint8_t, uint32_t> by_address;
  for (const auto& [slot, life] : lives_) {
    if (++by_address[life.peer.bytes[3]] > most_each)
      Complain(life.id, "more of an address than allowed");
  }
}

bool Model::CheckAtRest(Reactor& reactor, bool last) {
  if (drains_ && !drained_) Complain({}, "a listener that is never drained");
  for (const auto& [slot, life] : lives_) {
    const Connection* connection = reactor.FindConnection(life.id);
    if (connection == nullptr) {
      if (schedule_.now_ms - life.closing_ms > kRestMs)
        Complain(life.id, "an end that is never told");
      continue;
    }
    // It is read a byte at a time, perhaps, or has only just begun to end.
    if (network_.pipes().at(connection->socket.fd)->unread() > 0) continue;
    if (life.draining && schedule_.now_ms - life.end_ms < kRestMs) continue;
    if (schedule_.now_ms - life.read_ms < kRestMs) continue;
    if (connection->state != ConnectionState::kOpen) Complain(life.id, "an end that never comes");
    if (connection->state != ConnectionState::kOpen || life.send_failed_ms != 0) continue;
    if (life.taken != life.wrote) Complain(life.id, "bytes that are never sent");
  }
  const bool fine = complaint_.empty();
  if (!last) complaint_.clear();
  return fine;
}

}  // namespace holdfast::simulation
