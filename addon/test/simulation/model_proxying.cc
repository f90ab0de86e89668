// What must be true of those who come through a proxy, until the host is told of them.

#include <string>

#include "simulation/model.h"
#include "time/wheel.h"

namespace holdfast::simulation {

Model::Waiting* Model::WaitingAt(ConnectionId id) {
  const auto found = waiting_.find(id.slot);
  return found != waiting_.end() && found->second.id == id ? &found->second : nullptr;
}

// Long enough for what stands in the kernel already.
uint64_t Model::OwnGraceOverMs(const Waiting& waits) {
  return waits.accepted_ms + std::max<uint64_t>(waits.door->grace_ms, kTickMs);
}

void Model::Awaits(const Pipe& pipe, Door* door) {
  waiting_[pipe.id.slot] = {.id = pipe.id, .door = door, .accepted_ms = schedule_.now_ms};
  ++door->waiting;
  const uint32_t most = door->options.admission.connections;
  if (most != 0 && door->waiting > most) Complain(pipe.id, "more wait for headers than allowed");
}

// True while these are bytes of a header, and none of a client's.
bool Model::ReceivedHeader(const Pipe& pipe, size_t bytes) {
  Waiting* waits = WaitingAt(pipe.id);
  if (waits == nullptr) return false;
  Mix(bytes);
  waits->received += bytes;
  if (pipe.fails_at != 0) {
    waits->malformed = waits->received >= pipe.fails_at;
    return true;
  }
  const uint64_t size = pipe.header.size();
  if (waits->received < size) return true;
  Life& life = lives_[pipe.id.slot] = {};
  life.id = pipe.id;
  life.door = waits->door;
  life.stream = pipe.stream;
  life.peer = pipe.client;
  life.opened_ms = life.read_ms = life.sent_ms = schedule_.now_ms;
  life.payload = std::string(reinterpret_cast<const char*>(pipe.peer.bytes), kAddressBytes);
  life.payload += static_cast<char>(pipe.peer.port >> 8);
  life.payload += static_cast<char>(pipe.peer.port);
  life.payload += static_cast<char>(pipe.peer.family);
  life.payload.resize(kOpenPeerBytes);
  life.payload += pipe.header;
  const uint64_t rest = waits->received - size;
  --waits->door->waiting;
  waiting_.erase(pipe.id.slot);
  network_.Note(life.door->draining ? Seen::kHeaderWhileDraining : Seen::kHeaderWhole);
  if (rest > 0) ReceivedData(life, rest);
  return true;
}

// True: it waited, and the host never heard of it.
bool Model::TurnedAway(const Pipe& pipe) {
  Waiting* waits = WaitingAt(pipe.id);
  if (waits == nullptr) return false;
  const Door& door = *waits->door;
  const uint64_t now = schedule_.now_ms;
  const bool late = now >= waits->accepted_ms + door.options.proxy.header_ms;
  const bool grace_over =
      door.draining && now >= std::max(door.grace_over_ms, OwnGraceOverMs(*waits));
  // Where handshakes go on to begin, the grace bounds the door as a whole.
  const bool shut =
      stops_ || door.closed_by_host || (door.closed && network_.doors().at(door.handle).answers);
  if (waits->malformed) {
    network_.Note(Seen::kHeaderMalformed);
  } else if (waits->failed) {
    network_.Note(Seen::kHeaderCutShort);
  } else if (late) {
    network_.Note(Seen::kHeaderLate);
  } else if (grace_over || shut) {
    network_.Note(grace_over ? Seen::kHeaderAfterGrace : Seen::kHeaderAtClosedDoor);
  } else {
    Complain(pipe.id, "turned away, and nothing was wrong");
  }
  --waits->door->waiting;
  Leaves(pipe.id, waits->door);
  waiting_.erase(pipe.id.slot);
  return true;
}

void Model::Leaves(ConnectionId id, Door* door) {
  ++door->leaving;
  leaving_[id.slot] = door;
}

// Its socket is closed: its slot is free, unless the host is to be told of an end.
void Model::Answered(ConnectionId id) {
  if (const auto found = leaving_.find(id.slot); found != leaving_.end()) {
    --found->second->leaving;
    leaving_.erase(found);
    return;
  }
  const auto found = lives_.find(id.slot);
  if (found != lives_.end() && found->second.id == id) found->second.answered = true;
}

// After a turn: who was let in is told of by now, so the others of whom nothing was told were
// refused.
void Model::SettleUnopened() {
  for (auto next = lives_.begin(); next != lives_.end();) {
    const auto life = next++;
    if (life->second.told_open) continue;
    if (!life->second.closing) {
      Complain(life->second.id, "a header is complete, and nobody is told");
      continue;
    }
    network_.Note(Seen::kClientRefused);
    if (!life->second.answered) Leaves(life->second.id, life->second.door);
    lives_.erase(life);
  }
}

void Model::CheckWaiting(uint64_t began_ms, bool put_off) {
  for (const auto& [slot, waits] : waiting_) {
    const Door& door = *waits.door;
    if (waits.malformed) Complain(waits.id, "a malformed header is waited for");
    if (waits.failed) Complain(waits.id, "the header of one that is gone is waited for");
    if (door.closed) Complain(waits.id, "a header is waited for behind a closed door");
    if (put_off) continue;
    uint64_t due_ms = waits.accepted_ms + door.options.proxy.header_ms;
    if (door.draining) {
      // The grace begins with the next pass of the loop.
      const uint64_t begun_ms = door.grace_over_ms + 2 * longest_pass_ms_;
      due_ms = std::min(due_ms, std::max(begun_ms, OwnGraceOverMs(waits)));
    }
    if (due_ms + kTickMs <= began_ms)
      Complain(waits.id, "a header is late: due since " + std::to_string(due_ms));
  }
}

}  // namespace holdfast::simulation
