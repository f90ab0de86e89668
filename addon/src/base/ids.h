#pragma once

#include <cstdint>

namespace holdfast {

// Connections one reactor can hold. At the limit: an arriving connection is refused and counted
// under `max-connections`.
inline constexpr uint32_t kMaxConnections = 1u << 20;

// Generations fit a V8 small integer together with their sign; 0 is never used.
inline constexpr uint32_t kMaxGeneration = (1u << 29) - 1;

inline constexpr uint32_t kNoSlot = 0xffffffffu;

// A slot is used again, an id is not: the generation tells a stale id from a live one.
struct ConnectionId {
  uint32_t slot = kNoSlot;
  uint32_t generation = 0;

  friend bool operator==(const ConnectionId&, const ConnectionId&) = default;
};

}  // namespace holdfast
