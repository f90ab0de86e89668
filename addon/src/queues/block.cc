#include "queues/block.h"

#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace holdfast {

BlockRef BlockRef::Allocate(QueueMemory* memory, size_t capacity) {
  BlockRef ref;
  ref.block_ = static_cast<Block*>(std::malloc(sizeof(Block) + capacity));
  if (ref.block_ == nullptr) return ref;
  *ref.block_ = {memory, 1, 1, 0, capacity};
  memory->bytes += ref.block_->footprint();
  return ref;
}

BlockRef::BlockRef(const BlockRef& other) : block_(other.block_) {
  if (block_ == nullptr) return;
  HF_CHECK(block_->counted > 0);
  ++block_->refs;
  ++block_->counted;
}

BlockRef::~BlockRef() {
  if (block_ == nullptr) return;
  StopCounting();
  if (--block_->refs == 0) std::free(block_);
}

void BlockRef::StopCounting() {
  if (block_ == nullptr || !counted_) return;
  counted_ = false;
  if (--block_->counted == 0) block_->memory->bytes -= block_->footprint();
}

std::byte* BlockRef::data() const {
  return reinterpret_cast<std::byte*>(block_ + 1);
}

void BlockRef::Fill(std::span<const std::byte> bytes) {
  HF_CHECK(bytes.size() <= spare());
  std::memcpy(data() + block_->used, bytes.data(), bytes.size());
  block_->used += bytes.size();
}

const BlockRef& SharedBytes::Kept() {
  if (!copy_) {
    copy_ = BlockRef::Allocate(memory_, bytes_.size());
    if (copy_) copy_.Fill(bytes_);
  }
  return copy_;
}

}  // namespace holdfast
