#include "platform/socket_table.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

using namespace holdfast;
using namespace holdfast::platform;

namespace {

// A listener on loopback and one connection to it.
class Pair {
 public:
  // `listen_family` 6 is dual stack; the client dials by IPv4 or IPv6.
  Pair(int listen_family, int client_family, bool keepalive) {
    BindOptions options;
    const char* any = listen_family == 4 ? "127.0.0.1" : "::";
    REQUIRE(ParseAddress(any, listen_family, 0, &options.address));
    REQUIRE(OpenBound(options, &listener).error == 0);
    const int on = keepalive ? 1 : 0;
    const int idle_s = 100;
    setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(listener, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    REQUIRE(StartListening(listener, 8).error == 0);
    Address target;
    const char* loopback = client_family == 4 ? "127.0.0.1" : "::1";
    REQUIRE(ParseAddress(loopback, client_family, LocalAddress(listener).port, &target));
    sockaddr_storage storage;
    const uint32_t length = ToSockaddr(target, &storage);
    client = socket(client_family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(connect(client, reinterpret_cast<sockaddr*>(&storage), length) == 0);
    // Before the connection is done accept() has nothing: the listener does not block.
    while ((accepted = accept(listener, nullptr, nullptr)) < 0) REQUIRE(errno == EAGAIN);
    port = LocalAddress(listener).port;
    client_port = LocalAddress(client).port;
  }
  ~Pair() {
    Close(accepted);
    Close(client);
    Close(listener);
  }

  // Of the listener and of the client, which stay known when these are closed.
  uint16_t port = 0;
  uint16_t client_port = 0;
  SocketHandle listener = kNoSocket;
  SocketHandle client = kNoSocket;
  SocketHandle accepted = kNoSocket;
};

std::vector<SocketTableRow> Rows(uint8_t family, uint16_t port) {
  std::vector<SocketTableRow> rows;
  const auto take = [&rows](const SocketTableRow& row) { rows.push_back(row); };
  REQUIRE(ReadSocketTable({family, port}, take) == 0);
  return rows;
}

// A port may serve other connections of this machine too, of another address: both ports tell ours.
std::vector<SocketTableRow> RowsBetween(uint8_t family, uint16_t local, uint16_t remote) {
  auto rows = Rows(family, local);
  std::erase_if(rows, [=](const SocketTableRow& row) { return row.remote.port != remote; });
  return rows;
}

std::vector<SocketTableRow> AtServer(const Pair& pair, uint8_t family = 4) {
  return RowsBetween(family, pair.port, pair.client_port);
}

std::vector<SocketTableRow> AtClient(const Pair& pair) {
  return RowsBetween(4, pair.client_port, pair.port);
}

SocketTableRow OnlyRow(const Pair& pair, uint8_t family = 4) {
  const auto rows = AtServer(pair, family);
  REQUIRE(rows.size() == 1);
  return rows[0];
}

// For what the other end's kernel does when it likes, and tells nobody.
template <typename Done>
bool Within5s(const Done& done) {
  for (int round = 0; round < 5000; ++round) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return done();
}

}  // namespace

TEST_CASE("socket table: the connection of a port is told, its listener is not") {
  const Pair pair(4, 4, true);
  const SocketTableRow row = OnlyRow(pair);
  CHECK(row.state == 1);
  CHECK(row.local.port == pair.port);
  CHECK(row.remote.port == pair.client_port);
  CHECK(row.remote.family == 4);
  CHECK(row.remote.bytes[0] == 127);
  CHECK(row.inode != 0);
  CHECK(row.uid == geteuid());
  CHECK(AtServer(pair, 6).empty());
  // A listener has no peer, and its port is 0.
  CHECK(RowsBetween(4, pair.port, 0).empty());
}

TEST_CASE("socket table: the cookie is that of the socket, and of no other") {
  const Pair pair(4, 4, true);
  uint64_t accepted = 0;
  uint64_t client = 0;
  REQUIRE(ReadSocketCookie(pair.accepted, &accepted));
  REQUIRE(ReadSocketCookie(pair.client, &client));
  CHECK(accepted != client);
  CHECK(OnlyRow(pair).cookie == accepted);
  const auto rows = AtClient(pair);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cookie == client);
}

TEST_CASE("socket table: the keepalive timer is told where it runs, and none where it does not") {
  const Pair with(4, 4, true);
  const Pair without(4, 4, false);
  const auto armed = OnlyRow(with);
  CHECK(armed.timer == SocketTimer::kKeepalive);
  CHECK(armed.timer_expires_ms <= 100'000);
  CHECK(armed.timer_expires_ms > 90'000);
  CHECK(armed.timer_unanswered == 0);
  const auto bare = OnlyRow(without);
  CHECK(bare.timer == SocketTimer::kNone);
  CHECK(bare.timer_expires_ms == 0);
}

TEST_CASE("socket table: TCP_INFO is what getsockopt tells") {
  const Pair pair(4, 4, true);
  REQUIRE(send(pair.client, "hello", 5, 0) == 5);
  TcpInfo direct;
  // Loopback delivers before send() returns; the loop is for a busy machine.
  for (int i = 0; i < 1000 && direct.bytes_received < 5; ++i) ReadTcpInfo(pair.accepted, &direct);
  const auto row = OnlyRow(pair);
  REQUIRE(row.has_tcp_info);
  CHECK(row.tcp.state == direct.state);
  CHECK(row.tcp.bytes_received == 5);
  CHECK(row.tcp.rtt_us == direct.rtt_us);
  CHECK(row.tcp.send_mss_bytes == direct.send_mss_bytes);
  CHECK(row.receive_queue_bytes == 5);
}

TEST_CASE("socket table: a dual-stack listener's IPv4 client is a v4-mapped IPv6 socket") {
  const Pair pair(6, 4, true);
  CHECK(AtServer(pair, 4).empty());
  const SocketTableRow row = OnlyRow(pair, 6);
  CHECK(row.remote.family == 6);
  CHECK(row.remote.bytes[10] == 0xff);
  CHECK(row.remote.bytes[12] == 127);
  CHECK(row.remote.port == pair.client_port);
}

TEST_CASE("socket table: an IPv6 connection") {
  const Pair pair(6, 6, true);
  CHECK(OnlyRow(pair, 6).remote.bytes[15] == 1);
}

TEST_CASE("socket table: what was closed by its process has no inode, and time-wait is left out") {
  Pair pair(4, 4, true);
  Close(pair.accepted);
  pair.accepted = kNoSocket;
  const SocketTableRow row = OnlyRow(pair);
  CHECK(row.inode == 0);
  // fin-wait-1 or fin-wait-2: the peer's kernel answers our FIN when it likes.
  CHECK((row.state == 4 || row.state == 5));
  Close(pair.client);
  pair.client = kNoSocket;
  // The FIN of the client, and the answer to it, may still be on their way.
  CHECK(Within5s([&] { return AtServer(pair).empty() && AtClient(pair).empty(); }));
}

TEST_CASE("socket table: more than one answer's worth") {
  const Pair pair(4, 4, true);
  Address target;
  REQUIRE(ParseAddress("127.0.0.1", 4, pair.port, &target));
  sockaddr_storage storage;
  const uint32_t length = ToSockaddr(target, &storage);
  std::vector<int> held;
  std::set<uint64_t> ours;
  const auto note = [&ours](int fd) {
    uint64_t cookie = 0;
    REQUIRE(ReadSocketCookie(fd, &cookie));
    ours.insert(cookie);
  };
  note(pair.accepted);
  // An answer holds about 70 sockets.
  for (int i = 0; i < 200; ++i) {
    held.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(connect(held.back(), reinterpret_cast<sockaddr*>(&storage), length) == 0);
    int accepted = -1;
    while ((accepted = accept(pair.listener, nullptr, nullptr)) < 0) REQUIRE(errno == EAGAIN);
    held.push_back(accepted);
    note(accepted);
  }
  const auto rows = Rows(4, pair.port);
  const auto is_ours = [&ours](const SocketTableRow& row) { return ours.contains(row.cookie); };
  CHECK(ours.size() == 201);
  CHECK(std::count_if(rows.begin(), rows.end(), is_ours) == 201);
  for (const int fd : held) Close(fd);
}

TEST_CASE("socket table: without a descriptor to spare the error says so") {
  rlimit before = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none = {0, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const int error = ReadSocketTable({4, 1}, [](const SocketTableRow&) { FAIL("a row"); });
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(error == EMFILE);
}
