#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "queues/block.h"

namespace holdfast {

// The bytes that the kernel did not take at once, in order: pieces of blocks of its own, and of
// blocks that it shares with other queues. A block never moves, so its bytes may be lent to an
// asynchronous write while more are appended behind them.
class WriteQueue {
 public:
  // `memory` counts what this queue holds.
  explicit WriteQueue(QueueMemory* memory) : memory_(memory) {}
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;
  ~WriteQueue();

  // False when there is no memory for all of them: some may have been taken, and the connection
  // cannot go on.
  [[nodiscard]] bool Append(std::span<const std::byte> bytes);
  // The bytes from `from` on, by reference.
  [[nodiscard]] bool Append(SharedBytes& shared, size_t from);

  // Fills `out` with the first bytes of the queue; returns how many spans it filled.
  size_t Gather(std::span<std::span<const std::byte>> out) const;

  // Drops `bytes` from the front: they were sent.
  void Consume(size_t bytes);

  // Nothing more will be sent. What may be lent stays where it is until the queue is destroyed, but
  // counts no more.
  void Abandon();

  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

 private:
  struct Piece;

  bool Push(const BlockRef& block, size_t begin, size_t end);
  void Pop();

  QueueMemory* const memory_;
  Piece* head_ = nullptr;
  Piece* tail_ = nullptr;
  BlockRef open_;  // of its own, with room for more
  size_t bytes_ = 0;
};

}  // namespace holdfast
