#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/check.h"
#include "queues/record.h"

namespace holdfast {

// The completions of one batch: records, and a slab for the bytes that go with them. The memory
// belongs to JavaScript ArrayBuffers, so that a batch is delivered without a copy.
class CompletionQueue {
 public:
  CompletionQueue(std::span<int32_t> records, std::span<std::byte> slab)
      : records_(records), slab_(slab) {
    HF_CHECK(records.size() % kRecordWords == 0);
  }

  uint32_t count() const { return count_; }
  uint32_t slab_bytes() const { return slab_used_; }
  uint32_t slab_capacity_bytes() const { return static_cast<uint32_t>(slab_.size()); }
  bool empty() const { return count_ == 0; }
  uint32_t records_left() const {
    return static_cast<uint32_t>(records_.size() / kRecordWords) - count_;
  }

  bool HasRoom(uint32_t payload_bytes = 0) const {
    return (count_ + 1) * kRecordWords <= records_.size() &&
           Aligned(payload_bytes) <= slab_.size() - slab_used_;
  }

  // Where the next bytes may be received; empty when a record for them would not fit.
  std::span<std::byte> Space(uint32_t most) {
    if (!HasRoom()) return {};
    const size_t left = slab_.size() - slab_used_;
    return slab_.subspan(slab_used_, left < most ? left : most);
  }

  // Claims the first `bytes` of Space(); returns their offset.
  uint32_t Take(uint32_t bytes) {
    const uint32_t offset = slab_used_;
    HF_CHECK(bytes <= slab_.size() - slab_used_);
    // Evidence is read as 64-bit floats, so every claim starts on a multiple of eight.
    const size_t end = slab_used_ + Aligned(bytes);
    slab_used_ = static_cast<uint32_t>(end < slab_.size() ? end : slab_.size());
    return offset;
  }

  std::byte* At(uint32_t offset) { return slab_.data() + offset; }

  void Push(CompletionKind kind, uint32_t a, uint32_t b, uint32_t c = 0, uint32_t d = 0,
            uint32_t e = 0, uint32_t f = 0, uint32_t g = 0) {
    HF_CHECK(HasRoom());
    int32_t* record = records_.data() + size_t{count_} * kRecordWords;
    record[0] = static_cast<int32_t>(kind);
    record[1] = static_cast<int32_t>(a);
    record[2] = static_cast<int32_t>(b);
    record[3] = static_cast<int32_t>(c);
    record[4] = static_cast<int32_t>(d);
    record[5] = static_cast<int32_t>(e);
    record[6] = static_cast<int32_t>(f);
    record[7] = static_cast<int32_t>(g);
    ++count_;
  }

  // Forgets the batch that was delivered; the slab starts afresh.
  void Clear() {
#ifdef HOLDFAST_POISON
    // A view that outlives its batch reads 0xdd here, instead of another client's bytes later.
    std::memset(slab_.data(), 0xdd, slab_used_);
#endif
    count_ = 0;
    slab_used_ = 0;
  }

 private:
  static constexpr size_t Aligned(size_t bytes) { return (bytes + 7) & ~size_t{7}; }

  std::span<int32_t> records_;
  std::span<std::byte> slab_;
  uint32_t count_ = 0;
  uint32_t slab_used_ = 0;
};

}  // namespace holdfast
