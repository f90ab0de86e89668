#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/check.h"
#include "base/ids.h"

namespace holdfast {

// Slots with generations, in chunks that never move: a pointer to a value stays good until its
// slot is released, whatever is acquired meanwhile. Acquire, Find and Release are O(1).
template <class T, uint32_t last_generation = kMaxGeneration>
class SlotMap {
 public:
  explicit SlotMap(uint32_t limit = kMaxConnections) : limit_(limit) {}
  SlotMap(const SlotMap&) = delete;
  SlotMap& operator=(const SlotMap&) = delete;

  // Null when `limit` slots are in use. The value is as constructed.
  T* Acquire(ConnectionId* id) {
    if (free_head_ == kNoSlot && !Grow()) return nullptr;
    const uint32_t slot = free_head_;
    Entry& entry = EntryAt(slot);
    free_head_ = entry.next_free;
    entry.next_free = kInUse;
    entry.generation = entry.generation == last_generation ? 1 : entry.generation + 1;
    ++size_;
    *id = {slot, entry.generation};
    return &entry.value;
  }

  // Null for an id whose slot is free or already belongs to a later generation.
  T* Find(ConnectionId id) {
    if (id.slot >= capacity_) return nullptr;
    Entry& entry = EntryAt(id.slot);
    if (entry.next_free != kInUse || entry.generation != id.generation) return nullptr;
    return &entry.value;
  }

  T& At(uint32_t slot) {
    HF_CHECK(slot < capacity_);
    Entry& entry = EntryAt(slot);
    HF_CHECK(entry.next_free == kInUse);
    return entry.value;
  }

  void Release(uint32_t slot) {
    HF_CHECK(slot < capacity_);
    Entry& entry = EntryAt(slot);
    HF_CHECK(entry.next_free == kInUse);
    entry.value = T();
    entry.next_free = free_head_;
    free_head_ = slot;
    --size_;
  }

  // `visit` may not acquire or release.
  template <class Visit>
  void ForEach(Visit visit) {
    for (uint32_t slot = 0; slot < capacity_; ++slot) {
      Entry& entry = EntryAt(slot);
      if (entry.next_free == kInUse) visit(entry.value);
    }
  }

  uint32_t size() const { return size_; }

 private:
  static constexpr uint32_t kChunkBits = 9;
  static constexpr uint32_t kChunkSize = 1u << kChunkBits;
  static constexpr uint32_t kInUse = kNoSlot - 1;

  struct Entry {
    T value;
    uint32_t generation = 0;
    uint32_t next_free = kNoSlot;
  };

  Entry& EntryAt(uint32_t slot) { return chunks_[slot >> kChunkBits][slot & (kChunkSize - 1)]; }

  bool Grow() {
    if (capacity_ >= limit_) return false;
    const uint32_t added = limit_ - capacity_ < kChunkSize ? limit_ - capacity_ : kChunkSize;
    chunks_.push_back(std::make_unique<Entry[]>(kChunkSize));
    const uint32_t first = capacity_;
    capacity_ += added;
    // Lowest slot first, so that a small server stays in few pages.
    for (uint32_t slot = capacity_; slot-- > first;) {
      EntryAt(slot).next_free = free_head_;
      free_head_ = slot;
    }
    return true;
  }

  const uint32_t limit_;
  uint32_t capacity_ = 0;
  uint32_t size_ = 0;
  uint32_t free_head_ = kNoSlot;
  std::vector<std::unique_ptr<Entry[]>> chunks_;
};

}  // namespace holdfast
