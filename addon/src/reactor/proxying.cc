// Clients behind a proxy: until its PROXY header has told who a client is, the host knows nothing
// of the connection, and no limit is asked. Until then it belongs to the door.

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "net/proxy_header.h"
#include "reactor/reactor.h"

namespace holdfast {

namespace {
static_assert(kOpenPeerBytes + kProxyHeaderBytesMost < kReceiveSlabBytes);
// `open`, and the `data` of what came with the header.
constexpr uint32_t kRecordsOfHeader = 2;
// Who waits takes a descriptor and a slot, and stands in no other limit.
constexpr uint32_t kAwaitedMost = 65536;

uint32_t AwaitedMost(const Listener& listener) {
  const uint32_t connections = listener.options.admission.connections;
  return connections != 0 ? connections : kAwaitedMost;
}
}  // namespace

// Null: refused, and the Io's to close.
Socket* Reactor::AwaitHeader(Listener& listener, const Arrival& arrival) {
  const bool full = listener.headers_awaited >= AwaitedMost(listener);
  Connection* connection = full ? nullptr : Accept(listener, arrival);
  if (connection == nullptr) {
    platform::ResetOnClose(arrival.fd);
    Refuse(listener, full ? Refusal::kProxyHeader : Refusal::kMaxConnections, 0);
    return nullptr;
  }
  connection->unopened = true;
  ++listener.headers_awaited;
  return &connection->socket;
}

// Behind what came before of the same header, so that the whole of it, and what follows, stands in
// one piece; in front there is room for the proxy's address.
std::span<std::byte> Reactor::HeaderSpace(const Connection& connection, uint32_t most) {
  if (completions_.records_left() < kRecordsOfHeader) return {};
  const auto found = partial_headers_.find(connection.socket.id.slot);
  const size_t kept = found == partial_headers_.end() ? 0 : found->second.size();
  const size_t before = kOpenPeerBytes + kept;
  const uint32_t wanted = static_cast<uint32_t>(before) + std::min(most, kReceiveSlabBytes);
  const std::span<std::byte> space = completions_.Space(wanted);
  if (space.size() <= before) return {};
  if (kept > 0) std::memcpy(space.data() + kOpenPeerBytes, found->second.data(), kept);
  return space.subspan(before);
}

// `bytes` more stand where HeaderSpace said.
void Reactor::HeaderReceived(Connection& connection, size_t bytes) {
  const uint32_t slot = connection.socket.id.slot;
  const auto found = partial_headers_.find(slot);
  const size_t kept = found == partial_headers_.end() ? 0 : found->second.size();
  const std::byte* begin = completions_.At(completions_.slab_bytes()) + kOpenPeerBytes;
  const std::span<const std::byte> all(begin, kept + bytes);
  const ProxyHeader header = ParseProxyHeader(all);
  switch (header.state) {
    case ProxyHeader::State::kMalformed:
      return TurnAway(connection, 0);
    case ProxyHeader::State::kIncomplete:
      partial_headers_[slot].assign(all.begin(), all.end());
      return;
    case ProxyHeader::State::kDone:
      break;
  }
  if (found != partial_headers_.end()) partial_headers_.erase(found);
  --connection.listener->headers_awaited;
  const Address proxy = connection.peer;
  if (!header.local) connection.peer = header.source;
  const Arrival arrival{connection.socket.fd, connection.socket.handle, connection.peer};
  if (!Admit(*connection.listener, arrival, &connection.rule)) return Drop(connection, false);
  connection.unopened = false;
  deadlines_.Cancel(slot);
  const uint32_t payload = completions_.Take(kOpenPeerBytes + static_cast<uint32_t>(all.size()));
  proxy.WriteTo({completions_.At(payload), kOpenPeerBytes});
  Open(connection, payload, kOpenPeerBytes + header.bytes);
  ArmDeadline(connection);
  const auto rest = static_cast<uint32_t>(all.size()) - header.bytes;
  if (rest > 0) HandOver(connection, payload + kOpenPeerBytes + header.bytes, rest);
}

// While its listener drains, one that waits has the grace, from then or from its own arrival.
uint64_t Reactor::HeaderDueMs(const Connection& connection) const {
  const Listener& listener = *connection.listener;
  const uint64_t due_ms = connection.opened_ms + listener.options.proxy.header_ms;
  if (!listener.grace_over_ms) return due_ms;
  // A tick at least, so that what stands in the kernel already is read in the next turn.
  const uint64_t own_ms = connection.opened_ms + std::max(listener.grace_ms, kTickMs);
  return std::min(due_ms, std::max(*listener.grace_over_ms, own_ms));
}

void Reactor::ArmHeaderDeadline(const Connection& connection) {
  const uint64_t tick = (HeaderDueMs(connection) + kTickMs - 1) / kTickMs;
  deadlines_.Schedule(connection.socket.id.slot, tick);
}

void Reactor::JudgeHeader(Connection& connection) {
  if (NowMs() < HeaderDueMs(connection)) return ArmHeaderDeadline(connection);
  TurnAway(connection, 0);
}

// The grace has begun.
void Reactor::HastenHeaders(const Listener& listener) {
  if (listener.headers_awaited == 0) return;
  connections_.ForEach([&](const Connection& connection) {
    if (connection.listener == &listener && connection.IsAwaitingHeader()) {
      ArmHeaderDeadline(connection);
    }
  });
}

void Reactor::TurnAwayAll(const Listener& listener) {
  if (listener.headers_awaited == 0) return;
  std::vector<Connection*> waiting;
  waiting.reserve(listener.headers_awaited);
  connections_.ForEach([&](Connection& connection) {
    if (connection.listener == &listener && connection.IsAwaitingHeader()) {
      waiting.push_back(&connection);
    }
  });
  for (Connection* connection : waiting) TurnAway(*connection, 0);
}

void Reactor::TurnAway(Connection& connection, int error) {
  --connection.listener->headers_awaited;
  Refuse(*connection.listener, Refusal::kProxyHeader, error);
  Drop(connection, true);
}

// Counted already; the slot is free once the socket is closed, for nobody was told of it. The
// connection may be gone when this returns.
void Reactor::Drop(Connection& connection, bool reset) {
  const uint32_t slot = connection.socket.id.slot;
  partial_headers_.erase(slot);
  deadlines_.Cancel(slot);
  Move(connection, ConnectionState::kClosing);
  io_->Close(connection.socket, reset);
}

}  // namespace holdfast
