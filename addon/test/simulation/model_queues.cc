// What the host writes, to one or to many, and what the queues may hold of it.

#include <algorithm>

#include "simulation/model.h"

namespace holdfast::simulation {

namespace {
// Around the bytes themselves: a block in which small writes are gathered, before and behind them,
// and what a piece of a queue takes.
constexpr uint64_t kBlockMostBytes = 2 * 4200;
constexpr uint64_t kPieceMostBytes = 64;
}  // namespace

void Model::Wrote(ConnectionId id, size_t bytes) {
  Life& life = At(id);
  if (life.closing) return;
  life.writes.push_back(life.wrote);
  life.wrote += bytes;
}

void Model::Broadcast(ConnectionId id, uint32_t stream, size_t bytes) {
  Life& life = At(id);
  if (life.closing) return;
  network_.Note(life.wrote > life.taken ? Seen::kBroadcastBehind : Seen::kBroadcast);
  life.shared.push_back({life.wrote, life.wrote + bytes, stream});
  Wrote(id, bytes);
}

std::byte Model::ByteToSend(ConnectionId id, uint64_t at) {
  Life& life = At(id);
  while (!life.shared.empty() && life.shared.front().end <= at) life.shared.pop_front();
  if (life.shared.empty() || at < life.shared.front().begin) return ByteAt(~life.stream, at);
  return ByteAt(life.shared.front().stream, at - life.shared.front().begin);
}

void Model::CheckQueues(Reactor& reactor, const Door& door, const Listener& listener) {
  const uint64_t held = listener.queue_memory.bytes;
  const uint64_t most = door.options.queue_memory_bytes;
  if (most != 0 && held > most) Complain({}, "queues hold more than allowed");
  uint64_t largest = 0;
  for (const auto& [slot, life] : lives_) {
    const Connection* connection = life.door == &door ? reactor.FindConnection(life.id) : nullptr;
    if (connection != nullptr && connection->queue != nullptr)
      largest = std::max<uint64_t>(largest, connection->queue->bytes());
  }
  if (held < largest) Complain({}, "a queue holds more than all are said to");
  if (largest == 0 && held != 0) Complain({}, "all queues are empty, and hold memory");
}

// A block is held until the last of it is sent, and each write may begin one; a broadcast's until
// its end at least. What many wait for is counted for each of them.
uint64_t Model::MostHeld(const Door& door) const {
  uint64_t most = kBlockMostBytes;
  for (const auto& [slot, life] : lives_) {
    if (life.door != &door || life.closing || life.taken == life.wrote) continue;
    most += life.wrote - life.writes.front() + kPieceMostBytes * life.writes.size();
    most += kBlockMostBytes;
  }
  return most;
}

}  // namespace holdfast::simulation
