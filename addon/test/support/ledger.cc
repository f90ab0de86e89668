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

void Ledger::Note(const Event& event) {
  const auto [slot, generation] = event.id;
  if (event.kind == CompletionKind::kRefused) return;
  if (event.kind == CompletionKind::kOpen) {
    ++opened_;
    if (open_.contains(slot)) Complain(Describe(event) + ": the slot is in use");
    if (closed_in_batch_.contains(slot)) Complain(Describe(event) + ": in the batch of its closed");
    if (generation <= generations_[slot]) Complain(Describe(event) + ": an old generation");
    generations_[slot] = generation;
    open_[slot] = {generation, false};
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
