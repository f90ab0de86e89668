#include "queues/write_queue.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace holdfast {

namespace {
// Small writes behind a slow peer share a chunk; a large one gets a chunk of its own size.
constexpr size_t kMinChunkBytes = 4096;
}  // namespace

struct WriteQueue::Chunk {
  Chunk* next;
  size_t begin;
  size_t end;
  size_t capacity;
  std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
};

WriteQueue::~WriteQueue() {
  while (head_ != nullptr) {
    Chunk* next = head_->next;
    std::free(head_);
    head_ = next;
  }
}

bool WriteQueue::Append(std::span<const std::byte> bytes) {
  const size_t spare = tail_ == nullptr ? 0 : tail_->capacity - tail_->end;
  const size_t here = std::min(spare, bytes.size());
  Chunk* added = nullptr;
  if (here < bytes.size()) {
    const size_t capacity = std::max(kMinChunkBytes, bytes.size() - here);
    added = static_cast<Chunk*>(std::malloc(sizeof(Chunk) + capacity));
    if (added == nullptr) return false;
    *added = {nullptr, 0, 0, capacity};
  }
  if (here > 0) {
    std::memcpy(tail_->data() + tail_->end, bytes.data(), here);
    tail_->end += here;
  }
  if (added != nullptr) {
    std::memcpy(added->data(), bytes.data() + here, bytes.size() - here);
    added->end = bytes.size() - here;
    (tail_ == nullptr ? head_ : tail_->next) = added;
    tail_ = added;
  }
  bytes_ += bytes.size();
  return true;
}

size_t WriteQueue::Gather(std::span<std::span<const std::byte>> out) const {
  size_t filled = 0;
  for (Chunk* chunk = head_; chunk != nullptr && filled < out.size(); chunk = chunk->next) {
    out[filled++] = {chunk->data() + chunk->begin, chunk->end - chunk->begin};
  }
  return filled;
}

void WriteQueue::Consume(size_t bytes) {
  HF_CHECK(bytes <= bytes_);
  bytes_ -= bytes;
  while (bytes > 0) {
    const size_t here = std::min(bytes, head_->end - head_->begin);
    head_->begin += here;
    bytes -= here;
    if (head_->begin < head_->end) break;
    Chunk* next = head_->next;
    std::free(head_);
    head_ = next;
  }
  if (head_ == nullptr) tail_ = nullptr;
}

}  // namespace holdfast
