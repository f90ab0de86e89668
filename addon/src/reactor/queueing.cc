// What the kernel does not take at once: shared by those it is for, and limited in total.

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "reactor/reactor.h"

namespace holdfast {

namespace {
// Down to an eighth below the limit, so that the connections are not looked through again before
// so much has come anew.
uint64_t QueueGoal(uint64_t limit) {
  return limit - limit / 8;
}
}  // namespace

void Reactor::Broadcast(Listener& listener, std::span<BroadcastTarget> targets,
                        std::span<const std::byte> bytes) {
  Flush();
  {
    SharedBytes shared(bytes, &listener.queue_memory);
    for (const BroadcastTarget& target : targets) {
      Connection* connection = FindConnection({target.slot, target.generation});
      if (connection == nullptr) continue;
      HF_CHECK(connection->listener == &listener);
      Write(*connection, bytes, &shared);
    }
  }
  // Once for all of it, and once the copy is held by nobody but those who wait for it: what ending
  // one of them would free is what is counted.
  LimitQueues(listener);
  for (BroadcastTarget& target : targets) {
    target.generation = static_cast<uint32_t>(OutcomeFor({target.slot, target.generation}));
  }
}

BroadcastOutcome Reactor::OutcomeFor(ConnectionId id) {
  const Connection* connection = connections_.Find(id);
  if (connection == nullptr || connection->error != 0) return BroadcastOutcome::kGone;
  if (connection->state == ConnectionState::kOpen) return BroadcastOutcome::kTaken;
  return connection->reason == DisconnectReason::kSlowConsumer ? BroadcastOutcome::kEnded
                                                               : BroadcastOutcome::kGone;
}

// False when the connection has ended for it. `shared`: null unless `bytes` are those of a
// broadcast.
bool Reactor::Queue(Connection& connection, std::span<const std::byte> bytes, size_t sent,
                    SharedBytes* shared) {
  const bool taken = shared != nullptr ? connection.queue->Append(*shared, sent)
                                       : connection.queue->Append(bytes.subspan(sent));
  if (!taken) {
    Fail(connection, -UV_ENOMEM);
    return false;
  }
  if (shared != nullptr) return true;
  const Listener& listener = *connection.listener;
  const uint64_t limit = listener.options.queue_memory_bytes;
  if (limit != 0 && listener.queue_memory.bytes > limit && bytes.size() - sent > QueueGoal(limit)) {
    // All others together could not make room for it.
    Close(connection, DisconnectReason::kSlowConsumer, 0, true);
  } else {
    LimitQueues(listener);
  }
  return !connection.IsClosing();
}

void Reactor::LimitQueues(const Listener& listener) {
  const uint64_t limit = listener.options.queue_memory_bytes;
  if (limit == 0 || listener.queue_memory.bytes <= limit) return;
  const uint64_t goal = QueueGoal(limit);
  struct Queued {
    size_t bytes;
    Connection* connection;
  };
  std::vector<Queued> queues;
  connections_.ForEach([&](Connection& connection) {
    if (connection.listener != &listener || connection.IsClosing() || !connection.queue) return;
    queues.push_back({connection.queue->bytes(), &connection});
  });
  // Of equals the one with the lower slot, so that what ends does not depend on the sort.
  std::stable_sort(queues.begin(), queues.end(),
                   [](const Queued& a, const Queued& b) { return a.bytes > b.bytes; });
  for (const Queued& queued : queues) {
    if (listener.queue_memory.bytes <= goal) return;
    Close(*queued.connection, DisconnectReason::kSlowConsumer, 0, true);
  }
}

}  // namespace holdfast
