#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast {

// The bytes that the kernel did not take at once, in order. Chunks never move, so a chunk's bytes
// may be lent to an asynchronous write while more are appended behind them.
class WriteQueue {
 public:
  WriteQueue() = default;
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;
  ~WriteQueue();

  // False when there is no memory for them; then none were taken.
  [[nodiscard]] bool Append(std::span<const std::byte> bytes);

  // Fills `out` with the first bytes of the queue; returns how many spans it filled.
  size_t Gather(std::span<std::span<const std::byte>> out) const;

  // Drops `bytes` from the front: they were sent.
  void Consume(size_t bytes);

  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

 private:
  struct Chunk;

  Chunk* head_ = nullptr;
  Chunk* tail_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace holdfast
