#include "simulation/model.h"

namespace holdfast::simulation {

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

void Model::Accepted(const Pipe& pipe, ListenerId listener) {
  const uint64_t now = schedule_.now_ms;
  Mix(pipe.id.slot);
  const auto before = lives_.find(pipe.id.slot);
  if (before != lives_.end() && (before->second.told_open || !before->second.answered))
    Complain(pipe.id, "a slot serves again before its end was told");
  if (waiting_.contains(pipe.id.slot) || leaving_.contains(pipe.id.slot))
    Complain(pipe.id, "a slot serves again before its socket is closed");
  if (before != lives_.end()) lives_.erase(before);
  Door& door = doors_.at(listener);
  if (door.handle != pipe.door) Complain(pipe.id, "accepted for another listener");
  if (door.suspended) Complain(pipe.id, "accepted while the listener is suspended");
  if (door.closed) Complain(pipe.id, "accepted after the listener was closed");
  if (pipe.behind_proxy) return Awaits(pipe, &door);
  Life& life = lives_[pipe.id.slot] = {};
  life.id = pipe.id;
  life.door = &door;
  life.stream = pipe.stream;
  life.peer = pipe.peer;
  life.opened_ms = life.read_ms = life.sent_ms = now;
}

void Model::Received(ConnectionId id, size_t bytes) {
  Life& life = At(id);
  Mix(bytes);
  if (life.closing) Complain(id, "received from while closing");
  if (life.paused) Complain(id, "received from while paused");
  ReceivedData(life, bytes);
}

void Model::ReceivedData(Life& life, size_t bytes) {
  life.received += bytes;
  if (life.door->options.intake.bytes.limits()) CountBytes(life, bytes);
  life.read_ms = schedule_.now_ms;
  life.beat_unanswered = false;
}

void Model::ReadToEnd(ConnectionId id) {
  if (WaitingAt(id) != nullptr) return Failed(id);
  Life& life = At(id);
  life.read_to_end = true;
  life.unwatched_ms = schedule_.now_ms;
}

void Model::Sent(ConnectionId id, size_t bytes) {
  Life& life = At(id);
  Mix(bytes);
  life.taken += bytes;
  while (life.writes.size() > 1 && life.writes[1] <= life.taken) life.writes.pop_front();
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
  if (life.throttled_ms != 0) life.throttled_ms = schedule_.now_ms;
}

void Model::Closing(const Pipe& pipe, bool reset, bool all_read) {
  if (TurnedAway(pipe)) return;
  Life& life = At(pipe.id);
  if (life.closing) Complain(pipe.id, "closed twice");
  life.most_held = MostHeld(*life.door);
  life.closing = true;
  life.closing_ms = schedule_.now_ms;
  life.all_read = all_read;
  life.reset = reset;
  life.left_unread = pipe.unread() > 0;
  life.outstanding = pipe.tcp.outstanding();
  life.window_closed = pipe.tcp.window_closed();
  life.always_there = pipe.tcp.was_always_there();
  life.vanished = pipe.tcp.vanished();
  life.dead = pipe.dead;
  life.heard_ms = pipe.tcp.heard_ms();
}

void Model::Told(const Event& event) {
  ++events_;
  Mix(schedule_.now_ms);
  // All but a closed's payload, whose place depends on nothing but is no event.
  for (size_t i = 0; i < 5; ++i) Mix(event.words[i]);
  ledger_.Note(event);
  if (!ledger_.violations().empty()) Complain(event.id, ledger_.violations().front());
  if (event.kind == CompletionKind::kRefused) {
    const auto door = doors_.find(event.words[1]);
    if (door == doors_.end()) return Complain({}, "refused by no listener");
    door->second.refused += event.words[3];
    return;
  }
  if (event.kind == CompletionKind::kDrained) {
    const auto door = doors_.find(event.words[1]);
    if (door == doors_.end() || !door->second.draining || !door->second.closed)
      return Complain({}, "drained, and was not to be");
    door->second.drained = true;
    return;
  }
  Life& life = At(event.id);
  switch (event.kind) {
    case CompletionKind::kOpen:
      ++life.door->opened;
      life.told_open = true;
      if (event.bytes != life.payload) Complain(event.id, "opened with another header");
      if (doors_.find(event.words[3]) == doors_.end() || life.door != &doors_.at(event.words[3]))
        Complain(event.id, "opened under another listener");
      return;
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
    case CompletionKind::kEnding:
      // Another rule may have closed it in the same pass.
      if (event.reason() != DisconnectReason::kLifetime ||
          !(life.ending || (life.closing && LifetimeIsOver(life, life.closing_ms)))) {
        Complain(event.id, "asked to be ended, and no rule wants it");
      }
      life.told_ending = true;
      return;
    case CompletionKind::kClosed:
      ToldClosed(life, event);
      ++life.door->ended;
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

}  // namespace holdfast::simulation
