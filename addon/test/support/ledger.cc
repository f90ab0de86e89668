#include "support/ledger.h"

#include <cstring>
#include <iterator>

namespace holdfast::test {

namespace {
std::string Describe(const Event& event) {
  return std::string(kCompletionKindNames[static_cast<size_t>(event.kind)]) + " of slot " +
         std::to_string(event.id.slot) + " generation " + std::to_string(event.id.generation);
}
}  // namespace

double Event::Evidence(const char* name) const {
  for (size_t i = 0; i < evidence.size(); ++i) {
    if (std::strcmp(kEvidenceFieldNames[i], name) == 0) return evidence[i];
  }
  return -2;  // there is no such field
}

bool Ledger::IsOpen(ConnectionId id) const {
  const auto found = open_.find(id.slot);
  return found != open_.end() && found->second.generation == id.generation;
}

void Ledger::NoteArrived(const Event& event, uint32_t listener, uint32_t more, uint32_t arrived) {
  Door& door = doors_[listener];
  door.arrived += more;
  if (door.drained) Complain(Describe(event) + ": after the listener was drained");
  if (door.arrived != arrived) {
    Complain(Describe(event) + ": " + std::to_string(arrived) + " have arrived, and " +
             std::to_string(door.arrived) + " were told of");
  }
}

void Ledger::Note(const Event& event) {
  const auto [slot, generation] = event.id;
  const auto& words = event.words;
  if (event.kind == CompletionKind::kRefused)
    return NoteArrived(event, words[1], words[3], words[5]);
  if (event.kind == CompletionKind::kDrained) {
    NoteArrived(event, words[1], 0, words[2]);
    doors_[words[1]].drained = true;
    return;
  }
  if (event.kind == CompletionKind::kOpen) {
    ++opened_;
    NoteArrived(event, words[3], 1, words[4]);
    if (open_.contains(slot)) Complain(Describe(event) + ": the slot is in use");
    if (closed_in_batch_.contains(slot)) Complain(Describe(event) + ": in the batch of its closed");
    if (generation <= generations_[slot]) Complain(Describe(event) + ": an old generation");
    generations_[slot] = generation;
    open_[slot] = {.generation = generation};
    return;
  }
  if (!IsOpen(event.id)) return Complain(Describe(event) + ": not open");
  Life& life = open_[slot];
  switch (event.kind) {
    case CompletionKind::kData:
      if (life.ended) Complain(Describe(event) + ": after the end");
      if (event.bytes.empty()) Complain(Describe(event) + ": no bytes");
      return;
    case CompletionKind::kEnd:
      if (life.ended) Complain(Describe(event) + ": twice");
      life.ended = true;
      return;
    case CompletionKind::kEnding:
      if (life.ending) Complain(Describe(event) + ": twice");
      if (event.reason() == DisconnectReason::kNone || event.words[3] >= kDisconnectReasonCount) {
        Complain(Describe(event) + ": without a reason");
      }
      life.ending = true;
      return;
    case CompletionKind::kDrain:
    case CompletionKind::kBeat:
      return;
    case CompletionKind::kClosed:
      if (event.reason() == DisconnectReason::kNone || event.words[3] >= kDisconnectReasonCount) {
        Complain(Describe(event) + ": without a reason");
      }
      if (event.evidence.size() != kEvidenceFieldCount) Complain(Describe(event) + ": no evidence");
      ++closed_;
      closed_in_batch_.insert(slot);
      open_.erase(slot);
      return;
    default:
      return Complain(Describe(event) + ": an unknown kind");
  }
}

}  // namespace holdfast::test
