#include "queues/write_queue.h"

#include <algorithm>
#include <new>

#include "base/check.h"

namespace holdfast {

namespace {
// Small writes behind a slow peer share a block; a large one gets a block of its own size.
constexpr size_t kMinBlockBytes = 4096;
// A reference costs a Piece and, when it is sent, one of the few places of a system call. Up to
// this size a copy costs less, where it takes no new memory.
constexpr size_t kCopiedMostBytes = 256;
}  // namespace

struct WriteQueue::Piece {
  Piece* next;
  BlockRef block;
  size_t begin;
  size_t end;
};

WriteQueue::~WriteQueue() {
  while (head_ != nullptr) Pop();
}

bool WriteQueue::Append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (open_.spare() == 0) {
      open_ = BlockRef::Allocate(memory_, std::max(kMinBlockBytes, bytes.size()));
      if (!open_) return false;
    }
    const size_t begin = open_.used();
    const size_t here = std::min(open_.spare(), bytes.size());
    const bool extends = tail_ != nullptr && tail_->block == open_ && tail_->end == begin;
    if (!extends && !Push(open_, begin, begin)) return false;
    open_.Fill(bytes.first(here));
    tail_->end += here;
    bytes_ += here;
    bytes = bytes.subspan(here);
  }
  // A full block is freed with the last of its pieces.
  if (open_.spare() == 0) open_ = {};
  return true;
}

bool WriteQueue::Append(SharedBytes& shared, size_t from) {
  const auto rest = shared.bytes().subspan(from);
  if (rest.size() <= std::min(kCopiedMostBytes, open_.spare())) return Append(rest);
  const BlockRef& block = shared.Kept();
  if (!block || !Push(block, from, from + rest.size())) return false;
  bytes_ += rest.size();
  return true;
}

size_t WriteQueue::Gather(std::span<std::span<const std::byte>> out) const {
  size_t filled = 0;
  for (Piece* piece = head_; piece != nullptr && filled < out.size(); piece = piece->next) {
    out[filled++] = {piece->block.data() + piece->begin, piece->end - piece->begin};
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
    if (head_->begin < head_->end) return;
    Pop();
  }
  if (head_ == nullptr) open_ = {};
}

void WriteQueue::Abandon() {
  open_ = {};
  if (head_ == nullptr) return;
  // Only the first piece may be lent.
  Piece* const lent = head_;
  head_ = lent->next;
  while (head_ != nullptr) Pop();
  lent->next = nullptr;
  head_ = tail_ = lent;
  bytes_ = lent->end - lent->begin;
  if (!lent->block.counted()) return;
  lent->block.StopCounting();
  memory_->bytes -= sizeof(Piece);
}

bool WriteQueue::Push(const BlockRef& block, size_t begin, size_t end) {
  auto* piece = new (std::nothrow) Piece{nullptr, block, begin, end};
  if (piece == nullptr) return false;
  memory_->bytes += sizeof(Piece);
  (tail_ == nullptr ? head_ : tail_->next) = piece;
  tail_ = piece;
  return true;
}

void WriteQueue::Pop() {
  Piece* const next = head_->next;
  if (head_->block.counted()) memory_->bytes -= sizeof(Piece);
  delete head_;
  head_ = next;
  if (head_ == nullptr) tail_ = nullptr;
}

}  // namespace holdfast
