#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast {

// Who receives the completions of a batch: JavaScript, or a test.
class Host {
 public:
  virtual void Deliver(uint32_t count, uint32_t slab_bytes) = 0;

 protected:
  ~Host() = default;
};

// The memory both sides work on; see queues/record.h. It outlives the reactor.
struct SharedMemory {
  std::span<int32_t> completions;
  std::span<std::byte> receive_slab;
  std::span<int32_t> submissions;
  std::span<std::byte> submit_slab;
  std::span<uint32_t> control;
  std::span<uint32_t> queued_bytes;  // per slot: given by JavaScript, not taken by the kernel yet
  std::span<uint8_t> wants_drain;    // per slot: JavaScript was told to wait for `drain`
  std::span<uint32_t> throttles;     // per slot: how often a limit has stopped the reading
};

}  // namespace holdfast
