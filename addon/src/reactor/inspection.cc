// All connections of a listener as the kernel sees them, in one dump of its socket table: for very
// many it costs less than asking about each, and it alone tells the timers.

#include <unordered_map>
#include <vector>

#include "net/socket_row.h"
#include "platform/socket_table.h"
#include "queues/record.h"
#include "reactor/reactor.h"

namespace holdfast {

// A system call for each connection would be a third of the cost, and a cookie never changes: who
// inspects again pays it for new connections only, and 16 bytes for each slot.
bool Reactor::CookieOf(const Socket& socket, uint64_t* cookie) {
  const auto [slot, generation] = socket.id;
  if (slot >= cookies_.size()) cookies_.resize(slot + 1);
  KnownCookie& known = cookies_[slot];
  if (known.generation != generation) {
    if (!platform::ReadSocketCookie(socket.fd, &known.cookie)) return false;
    known.generation = generation;
  }
  *cookie = known.cookie;
  return true;
}

uint32_t Reactor::InspectAll(const Listener& listener, std::span<double> rows) {
  std::vector<const Connection*> open;
  open.reserve(listener.connections);
  connections_.ForEach([&](const Connection& connection) {
    if (connection.IsClosing() || connection.unopened) return;
    if (connection.listener == &listener) open.push_back(&connection);
  });
  const auto row_at = [rows](size_t at) {
    return rows.subspan(at * kSocketRowWords, kSocketRowWords);
  };

  // The table holds the sockets of all processes, and a remote address with a remote and a local
  // port is no name: another process may have the port at another local address. The cookie is one.
  std::unordered_map<uint64_t, uint32_t> by_cookie;
  by_cookie.reserve(open.size());
  for (uint32_t at = 0; at < open.size(); ++at) {
    uint64_t cookie = 0;
    if (CookieOf(open[at]->socket, &cookie)) by_cookie.emplace(cookie, at);
  }
  const uint64_t now_ms = NowMs();
  std::vector<bool> found(open.size());
  const auto take = [&](const platform::SocketTableRow& row) {
    const auto match = by_cookie.find(row.cookie);
    // What TCP itself has left behind is told without TCP_INFO.
    if (match == by_cookie.end() || !row.has_tcp_info) return;
    const Connection& connection = *open[match->second];
    Evidence evidence = Account(connection, now_ms);
    evidence.has_tcp_info = true;
    evidence.tcp = row.tcp;
    WriteConnectionRow(connection.socket.id, evidence, &row, row_at(match->second));
    found[match->second] = true;
  };
  // An error is no failure: who was not told of is asked by TCP_INFO.
  if (!by_cookie.empty()) {
    platform::ReadSocketTable({listener.address.family, listener.address.port}, take);
  }
  for (size_t at = 0; at < open.size(); ++at) {
    if (found[at]) continue;
    const Connection& connection = *open[at];
    WriteConnectionRow(connection.socket.id, Gather(connection, now_ms), nullptr, row_at(at));
  }
  return static_cast<uint32_t>(open.size());
}

}  // namespace holdfast
