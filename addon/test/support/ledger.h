#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/reason.h"
#include "queues/record.h"

namespace holdfast::test {

// One completion as the host saw it, with its bytes copied out of the slab.
struct Event {
  CompletionKind kind = CompletionKind::kNone;
  ConnectionId id;
  std::array<uint32_t, kRecordWords> words = {};
  std::string bytes;             // data; open: its payload
  std::vector<double> evidence;  // closed, in the order of kEvidenceFieldNames

  // Of `closed` and `ending`.
  DisconnectReason reason() const { return static_cast<DisconnectReason>(words[3]); }
  int error() const { return static_cast<int>(words[4]); }
  bool decided_by_clock() const { return words[7] == 1; }
  // Of a closed connection; the name is one of kEvidenceFieldNames.
  double Evidence(const char* name) const;
};

// Holds what must be true of every sequence of completions, whatever a test is about: an id opens
// once and first, ends at most once, closes at most once and last; a slot serves again only in a
// batch after its `closed`, under a later generation; nothing is said of an id that is not open;
// what a listener says has arrived is what it has told of, and `drained` is its last word.
class Ledger {
 public:
  void BeginBatch() { closed_in_batch_.clear(); }
  void Note(const Event& event);

  bool IsOpen(ConnectionId id) const;
  size_t open() const { return open_.size(); }
  size_t opened() const { return opened_; }
  size_t closed() const { return closed_; }
  const std::vector<std::string>& violations() const { return violations_; }
  void Complain(const std::string& what) { violations_.push_back(what); }

 private:
  struct Door {
    uint32_t arrived = 0;
    bool drained = false;
  };
  void NoteArrived(const Event& event, uint32_t listener, uint32_t more, uint32_t arrived);

  struct Life {
    uint32_t generation = 0;
    bool ended = false;
    bool ending = false;
  };

  std::map<uint32_t, Life> open_;             // by slot
  std::map<uint32_t, uint32_t> generations_;  // by slot: the last one seen
  std::map<uint32_t, Door> doors_;            // by listener
  std::set<uint32_t> closed_in_batch_;        // slots
  size_t opened_ = 0;
  size_t closed_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace holdfast::test
