#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace holdfast {

// What the write queues of one listener hold: blocks by their capacity, once however many queues
// refer to them, and what the queues need to refer to them.
struct QueueMemory {
  uint64_t bytes = 0;
};

// A reference to memory that one write queue fills, or that several send the same bytes from. It is
// freed with its last reference.
class BlockRef {
 public:
  BlockRef() = default;
  // A null reference when there is no memory.
  static BlockRef Allocate(QueueMemory* memory, size_t capacity);
  BlockRef(const BlockRef& other);
  BlockRef(BlockRef&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)), counted_(other.counted_) {}
  BlockRef& operator=(BlockRef other) noexcept {
    std::swap(block_, other.block_);
    std::swap(counted_, other.counted_);
    return *this;
  }
  ~BlockRef();

  // Keeps the bytes where they are, but no longer counts as one who needs them.
  void StopCounting();
  bool counted() const { return counted_; }

  explicit operator bool() const { return block_ != nullptr; }
  bool operator==(const BlockRef& other) const { return block_ == other.block_; }
  std::byte* data() const;
  size_t used() const { return block_ == nullptr ? 0 : block_->used; }
  size_t spare() const { return block_ == nullptr ? 0 : block_->capacity - block_->used; }
  // At most spare().
  void Fill(std::span<const std::byte> bytes);

 private:
  struct Block {
    QueueMemory* memory;
    uint32_t refs;
    uint32_t counted;  // of the refs; the block is in `memory` while there are any
    size_t used;
    size_t capacity;
    size_t footprint() const { return sizeof(Block) + capacity; }
  };

  Block* block_ = nullptr;
  bool counted_ = true;
};

// The bytes of one broadcast. They are the caller's until a queue has to keep some of them; then
// they are copied, once.
class SharedBytes {
 public:
  SharedBytes(std::span<const std::byte> bytes, QueueMemory* memory)
      : bytes_(bytes), memory_(memory) {}

  std::span<const std::byte> bytes() const { return bytes_; }
  // Null when there is no memory.
  const BlockRef& Kept();

 private:
  const std::span<const std::byte> bytes_;
  QueueMemory* const memory_;
  BlockRef copy_;
};

}  // namespace holdfast
