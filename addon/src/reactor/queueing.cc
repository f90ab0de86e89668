// What the kernel does not take at once: shared by those it is for, and limited in total.

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "reactor/reactor.h"

namespace holdfast {

void Reactor::Broadcast(Listener& listener, std::span<const uint32_t> ids,
                        std::span<const std::byte> bytes) {
  Flush();
  SharedBytes shared(bytes, &listener.queue_memory);
  for (size_t i = 0; i + 1 < ids.size(); i += 2) {
    Connection* connection = FindConnection({ids[i], ids[i + 1]});
    if (connection == nullptr) continue;
    HF_CHECK(connection->listener == &listener);
    Write(*connection, bytes, &shared);
  }
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
  LimitQueues(connection, shared != nullptr ? bytes.size() : bytes.size() - sent);
  return !connection.IsClosing();
}

// Down to an eighth below the limit, so that the connections are not looked through again before
// so much has come anew.
void Reactor::LimitQueues(Connection& writer, size_t added) {
  const Listener& listener = *writer.listener;
  const uint64_t limit = listener.options.queue_memory_bytes;
  if (limit == 0 || listener.queue_memory.bytes <= limit) return;
  const uint64_t goal = limit - limit / 8;
  // All others together could not make room for it.
  if (added > goal) return Close(writer, DisconnectReason::kSlowConsumer, 0, true);
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
