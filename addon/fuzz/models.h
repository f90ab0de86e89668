#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/check.h"
#include "base/slot_map.h"
#include "queues/completion_queue.h"
#include "queues/write_queue.h"

namespace holdfast::fuzz {

// The bytes of one fuzz input, taken from the front; zeros when there are no more.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : left_(data, size) {}

  bool empty() const { return left_.empty(); }

  uint8_t Byte() {
    if (left_.empty()) return 0;
    const uint8_t byte = left_.front();
    left_ = left_.subspan(1);
    return byte;
  }

  uint32_t Word() {
    uint32_t word = 0;
    for (int i = 0; i < 4; ++i) word = word << 8 | Byte();
    return word;
  }

 private:
  std::span<const uint8_t> left_;
};

// A slot map whose generations wrap soon, beside a map that remembers who is in use.
class SlotModel {
 public:
  void Acquire() {
    ConnectionId id;
    uint64_t* value = map_.Acquire(&id);
    HF_CHECK((value == nullptr) == (in_use_.size() == kLimit));
    if (value == nullptr) return;
    HF_CHECK(*value == 0 && id.slot < kLimit);
    HF_CHECK(id.generation >= 1 && id.generation <= kLastGeneration);
    HF_CHECK(!in_use_.contains(id.slot));
    uint32_t& last = generations_[id.slot];
    HF_CHECK(id.generation == (last == kLastGeneration ? 1 : last + 1));
    last = id.generation;
    *value = ++stamp_;
    in_use_[id.slot] = {id.generation, stamp_, value};
  }

  void Release(uint32_t choice) {
    if (in_use_.empty()) return;
    const auto victim = std::next(in_use_.begin(), choice % in_use_.size());
    map_.Release(victim->first);
    in_use_.erase(victim);
  }

  void Find(uint32_t slot, uint32_t generation) {
    const auto found = in_use_.find(slot);
    const bool live = found != in_use_.end() && found->second.generation == generation;
    uint64_t* value = map_.Find({slot, generation});
    HF_CHECK((value != nullptr) == live);
    if (live) HF_CHECK(value == found->second.where && *value == found->second.stamp);
  }

  void Check() {
    HF_CHECK(map_.size() == in_use_.size());
    size_t seen = 0;
    map_.ForEach([&seen](uint64_t& value) { seen += value != 0; });
    HF_CHECK(seen == in_use_.size());
  }

 private:
  static constexpr uint32_t kLimit = 700;  // more than one chunk
  static constexpr uint32_t kLastGeneration = 3;
  struct Use {
    uint32_t generation;
    uint64_t stamp;
    uint64_t* where;
  };

  SlotMap<uint64_t, kLastGeneration> map_{kLimit};
  std::map<uint32_t, Use> in_use_;
  std::map<uint32_t, uint32_t> generations_;
  uint64_t stamp_ = 0;
};

// A write queue beside a plain queue of bytes.
class WriteModel {
 public:
  void Append(std::span<const std::byte> bytes) {
    if (model_.size() > 100'000) return;
    HF_CHECK(queue_.Append(bytes));
    model_.insert(model_.end(), bytes.begin(), bytes.end());
  }

  // To be sent from a block that others send from too.
  void Share(uint32_t length, uint32_t from, uint8_t fill) {
    if (model_.size() > 100'000) return;
    const std::vector<std::byte> bytes(length, std::byte{fill});
    if (from >= length) return;
    SharedBytes shared(bytes, &memory_);
    HF_CHECK(queue_.Append(shared, from));
    model_.insert(model_.end(), length - from, std::byte{fill});
  }

  void Send(uint32_t pieces, uint32_t most) {
    std::vector<std::span<const std::byte>> out(pieces % 18);
    out.resize(queue_.Gather(out));
    size_t offered = 0;
    for (const auto& piece : out) {
      HF_CHECK(!piece.empty() && offered + piece.size() <= model_.size());
      for (const std::byte byte : piece) HF_CHECK(byte == model_[offered++]);
    }
    const size_t sent = most % (offered + 1);
    queue_.Consume(sent);
    model_.erase(model_.begin(), model_.begin() + static_cast<ptrdiff_t>(sent));
  }

  void Check() const {
    HF_CHECK(queue_.bytes() == model_.size());
    HF_CHECK(queue_.empty() == model_.empty());
    HF_CHECK(model_.empty() ? memory_.bytes == 0 : memory_.bytes >= model_.size());
  }

 private:
  QueueMemory memory_;
  WriteQueue queue_{&memory_};
  std::deque<std::byte> model_;
};

// A completion queue beside the records and payloads that were put in.
class CompletionModel {
 public:
  CompletionModel(uint32_t records, uint32_t slab_bytes)
      : words_(size_t{records} * kRecordWords), slab_(slab_bytes), queue_(words_, slab_) {}

  void Receive(uint32_t most, uint32_t used, uint8_t fill) {
    const std::span<std::byte> space = queue_.Space(most);
    HF_CHECK(space.size() <= most);
    if (space.empty()) return;
    HF_CHECK(space.data() >= slab_.data() && space.size() <= slab_.size());
    const uint32_t bytes = used % static_cast<uint32_t>(space.size() + 1);
    std::memset(space.data(), fill, bytes);
    const uint32_t offset = queue_.Take(bytes);
    HF_CHECK(slab_.data() + offset == space.data());
    queue_.Push(CompletionKind::kData, fill, 1, offset, bytes);
    expected_.push_back({offset, bytes, fill});
  }

  void PushWithPayload(uint32_t bytes, uint8_t fill) {
    if (!queue_.HasRoom(bytes)) return;
    const uint32_t offset = queue_.Take(bytes);
    HF_CHECK(offset % 8 == 0 || bytes == 0);
    HF_CHECK(bytes <= slab_.size() && offset <= slab_.size() - bytes);
    std::memset(queue_.At(offset), fill, bytes);
    queue_.Push(CompletionKind::kClosed, fill, 1, offset, bytes);
    expected_.push_back({offset, bytes, fill});
  }

  void Deliver() {
    Check();
    queue_.Clear();
    expected_.clear();
    HF_CHECK(queue_.empty() && queue_.slab_bytes() == 0);
  }

  void Check() const {
    HF_CHECK(queue_.count() == expected_.size());
    HF_CHECK(queue_.count() + queue_.records_left() == words_.size() / kRecordWords);
    HF_CHECK(queue_.slab_bytes() <= slab_.size());
    for (size_t i = 0; i < expected_.size(); ++i) {
      const auto& [offset, bytes, fill] = expected_[i];
      const int32_t* record = &words_[i * kRecordWords];
      HF_CHECK(record[1] == fill && record[3] == static_cast<int32_t>(offset));
      HF_CHECK(record[4] == static_cast<int32_t>(bytes));
      HF_CHECK(offset + bytes <= queue_.slab_bytes());
      for (uint32_t at = 0; at < bytes; ++at) HF_CHECK(slab_[offset + at] == std::byte{fill});
    }
  }

 private:
  struct Expected {
    uint32_t offset;
    uint32_t bytes;
    uint8_t fill;
  };

  std::vector<int32_t> words_;
  std::vector<std::byte> slab_;
  CompletionQueue queue_;
  std::vector<Expected> expected_;
};

}  // namespace holdfast::fuzz
