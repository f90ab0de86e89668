#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "base/ids.h"
#include "base/reason.h"
#include "queues/record.h"

namespace holdfast {

// One request of JavaScript, decoded and checked.
struct Submission {
  SubmissionOp op = SubmissionOp::kNone;
  ConnectionId id;
  std::span<const std::byte> bytes;                   // write
  DisconnectReason reason = DisconnectReason::kNone;  // end, destroy
  bool reset = false;                                 // destroy
  bool keeps_reason = false;                          // destroy: that of an end under way
};

// The requests that JavaScript has left in shared memory. What crosses the boundary is checked
// here, once: nothing behind it needs to doubt an offset, a reason or an operation.
class SubmissionQueue {
 public:
  SubmissionQueue(std::span<const int32_t> records, std::span<const std::byte> slab,
                  std::span<uint32_t> control)
      : records_(records), slab_(slab), control_(control) {
    HF_CHECK(control.size() >= kControlWords);
  }

  bool empty() const { return control_[kControlSubmissionCount] == 0; }

  // Calls `apply(const Submission&)` for each request in order, then empties the queue. Returns how
  // many were malformed and left out: 0, unless the two halves of holdfast disagree.
  template <class Apply>
  uint32_t Drain(Apply apply) {
    const size_t capacity = records_.size() / kRecordWords;
    const size_t waiting = control_[kControlSubmissionCount];
    const size_t count = waiting < capacity ? waiting : capacity;
    uint32_t malformed = static_cast<uint32_t>(waiting - count);
    for (size_t i = 0; i < count; ++i) {
      Submission submission;
      if (Decode(records_.data() + i * kRecordWords, &submission)) {
        apply(submission);
      } else {
        ++malformed;
      }
    }
    control_[kControlSubmissionCount] = 0;
    control_[kControlSubmitBytes] = 0;
    return malformed;
  }

 private:
  bool Decode(const int32_t* record, Submission* out) const {
    if (record[0] <= 0 || record[0] >= static_cast<int32_t>(kSubmissionOpCount)) return false;
    out->op = static_cast<SubmissionOp>(record[0]);
    out->id = {static_cast<uint32_t>(record[1]), static_cast<uint32_t>(record[2])};
    switch (out->op) {
      case SubmissionOp::kWrite: {
        const auto offset = static_cast<uint32_t>(record[3]);
        const auto length = static_cast<uint32_t>(record[4]);
        if (offset > slab_.size() || length > slab_.size() - offset) return false;
        out->bytes = slab_.subspan(offset, length);
        return true;
      }
      case SubmissionOp::kEnd:
      case SubmissionOp::kDestroy:
        if (record[3] <= 0 || record[3] >= static_cast<int32_t>(kDisconnectReasonCount)) {
          return false;
        }
        out->reason = static_cast<DisconnectReason>(record[3]);
        out->reset = out->op == SubmissionOp::kDestroy && record[4] == 1;
        out->keeps_reason = out->op == SubmissionOp::kDestroy && record[4] == 2;
        return true;
      default:
        return true;
    }
  }

  std::span<const int32_t> records_;
  std::span<const std::byte> slab_;
  std::span<uint32_t> control_;
};

}  // namespace holdfast
