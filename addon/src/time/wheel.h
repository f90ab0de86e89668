#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/check.h"
#include "base/ids.h"

namespace holdfast {

inline constexpr uint32_t kTickMs = 50;

// The link of one deadline, embedded in what it belongs to.
struct WheelNode {
  uint32_t next = kNoSlot;
  uint32_t previous = kNoSlot;
  uint64_t deadline_tick : 63 = 0;
  uint64_t armed : 1 = 0;
};

// Hashed timer wheel (Varghese and Lauck, scheme 6): schedule and cancel are O(1), and advancing
// costs one bucket a tick. A deadline further away than one revolution stays in its bucket and is
// passed over, so it costs one comparison a revolution.
//
// `Nodes` maps an index to its WheelNode: `WheelNode& operator()(uint32_t)`.
template <class Nodes>
class Wheel {
 public:
  static constexpr uint32_t kBuckets = 4096;  // times 50 ms: one revolution in 205 s

  explicit Wheel(Nodes nodes, uint64_t now_tick = 0)
      : nodes_(nodes), heads_(kBuckets, kNoSlot), current_tick_(now_tick) {}

  // Moves the deadline when one is armed. A tick that has passed fires on the next advance.
  void Schedule(uint32_t index, uint64_t tick) {
    WheelNode& node = nodes_(index);
    if (node.armed) Unlink(index, node);
    node.deadline_tick = tick > current_tick_ ? tick : current_tick_ + 1;
    node.armed = 1;
    Link(index, node);
  }

  void Cancel(uint32_t index) {
    WheelNode& node = nodes_(index);
    if (node.armed) Unlink(index, node);
  }

  // Calls `fire(index)` for each deadline at or before `now_tick`; it may schedule and cancel.
  template <class Fire>
  void Advance(uint64_t now_tick, Fire fire) {
    if (now_tick <= current_tick_) return;
    const uint64_t steps = now_tick - current_tick_;
    const uint64_t first = steps >= kBuckets ? now_tick - kBuckets + 1 : current_tick_ + 1;
    // Set first: what `fire` schedules "at once" must land in the future, not in a passed bucket.
    current_tick_ = now_tick;
    if (armed_ == 0) return;
    due_.clear();
    for (uint64_t tick = first; tick <= now_tick; ++tick) CollectDue(tick % kBuckets, now_tick);
    // A fired handler may cancel a deadline that is due as well: `armed` tells, as does the tick.
    for (const uint32_t index : due_) {
      WheelNode& node = nodes_(index);
      if (!node.armed || node.deadline_tick > now_tick) continue;
      Unlink(index, node);
      fire(index);
    }
  }

  // The next tick with anything in its bucket, within one revolution.
  std::optional<uint64_t> NextTick() const {
    if (armed_ == 0) return std::nullopt;
    for (uint64_t tick = current_tick_ + 1; tick <= current_tick_ + kBuckets;) {
      const uint32_t bucket = tick % kBuckets;
      const uint64_t word = occupied_[bucket / 64] >> (bucket % 64);
      if (word != 0) return tick + std::countr_zero(word);
      tick += 64 - bucket % 64;
    }
    HF_CHECK(false);  // armed, yet no bucket is occupied
    return std::nullopt;
  }

  uint32_t armed() const { return armed_; }

 private:
  void Link(uint32_t index, WheelNode& node) {
    const uint32_t bucket = node.deadline_tick % kBuckets;
    node.previous = kNoSlot;
    node.next = heads_[bucket];
    if (node.next != kNoSlot) nodes_(node.next).previous = index;
    heads_[bucket] = index;
    occupied_[bucket / 64] |= uint64_t{1} << (bucket % 64);
    ++armed_;
  }

  void Unlink(uint32_t index, WheelNode& node) {
    const uint32_t bucket = node.deadline_tick % kBuckets;
    if (node.previous != kNoSlot) {
      nodes_(node.previous).next = node.next;
    } else {
      HF_CHECK(heads_[bucket] == index);
      heads_[bucket] = node.next;
      if (node.next == kNoSlot) occupied_[bucket / 64] &= ~(uint64_t{1} << (bucket % 64));
    }
    if (node.next != kNoSlot) nodes_(node.next).previous = node.previous;
    node.armed = 0;
    --armed_;
  }

  void CollectDue(uint32_t bucket, uint64_t now_tick) {
    for (uint32_t index = heads_[bucket]; index != kNoSlot; index = nodes_(index).next) {
      if (nodes_(index).deadline_tick <= now_tick) due_.push_back(index);
    }
  }

  Nodes nodes_;
  std::vector<uint32_t> heads_;
  std::vector<uint32_t> due_;
  uint64_t occupied_[kBuckets / 64] = {};
  uint64_t current_tick_;
  uint32_t armed_ = 0;
};

}  // namespace holdfast
