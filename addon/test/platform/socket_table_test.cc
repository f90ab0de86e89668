#include "platform/socket_table.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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
  }
  ~Pair() {
    Close(accepted);
    Close(client);
    Close(listener);
  }

  uint16_t port() const { return LocalAddress(listener).port; }
  uint16_t client_port() const { return LocalAddress(client).port; }

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

// A client's port may serve other connections of this machine too, to other places.
std::vector<SocketTableRow> RowsTo(uint16_t client_port, uint16_t server_port) {
  auto rows = Rows(4, client_port);
  std::erase_if(rows, [=](const SocketTableRow& row) { return row.remote.port != server_port; });
  return rows;
}

}  // namespace

TEST_CASE("socket table: the connection of a port is told, its listener is not") {
  const Pair pair(4, 4, true);
  const auto rows = Rows(4, pair.port());
  REQUIRE(rows.size() == 1);
  const SocketTableRow& row = rows[0];
  CHECK(row.state == 1);
  CHECK(row.local.port == pair.port());
  CHECK(row.remote.port == pair.client_port());
  CHECK(row.remote.family == 4);
  CHECK(row.remote.bytes[0] == 127);
  CHECK(row.inode != 0);
  CHECK(row.uid == geteuid());
  CHECK(Rows(6, pair.port()).empty());
}

TEST_CASE("socket table: the cookie is that of the socket, and of no other") {
  const Pair pair(4, 4, true);
  uint64_t accepted = 0;
  uint64_t client = 0;
  REQUIRE(ReadSocketCookie(pair.accepted, &accepted));
  REQUIRE(ReadSocketCookie(pair.client, &client));
  CHECK(accepted != client);
  CHECK(Rows(4, pair.port())[0].cookie == accepted);
  const auto rows = RowsTo(pair.client_port(), pair.port());
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cookie == client);
}

TEST_CASE("socket table: the keepalive timer is told where it runs, and none where it does not") {
  const Pair with(4, 4, true);
  const Pair without(4, 4, false);
  const auto armed = Rows(4, with.port())[0];
  CHECK(armed.timer == SocketTimer::kKeepalive);
  CHECK(armed.timer_expires_ms <= 100'000);
  CHECK(armed.timer_expires_ms > 90'000);
  CHECK(armed.timer_unanswered == 0);
  const auto bare = Rows(4, without.port())[0];
  CHECK(bare.timer == SocketTimer::kNone);
  CHECK(bare.timer_expires_ms == 0);
}

TEST_CASE("socket table: TCP_INFO is what getsockopt tells") {
  const Pair pair(4, 4, true);
  REQUIRE(send(pair.client, "hello", 5, 0) == 5);
  TcpInfo direct;
  // Loopback delivers before send() returns; the loop is for a busy machine.
  for (int i = 0; i < 1000 && direct.bytes_received < 5; ++i) ReadTcpInfo(pair.accepted, &direct);
  const auto row = Rows(4, pair.port())[0];
  REQUIRE(row.has_tcp_info);
  CHECK(row.tcp.state == direct.state);
  CHECK(row.tcp.bytes_received == 5);
  CHECK(row.tcp.rtt_us == direct.rtt_us);
  CHECK(row.tcp.send_mss_bytes == direct.send_mss_bytes);
  CHECK(row.receive_queue_bytes == 5);
}

TEST_CASE("socket table: a dual-stack listener's IPv4 client is a v4-mapped IPv6 socket") {
  const Pair pair(6, 4, true);
  CHECK(Rows(4, pair.port()).empty());
  const auto rows = Rows(6, pair.port());
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].remote.family == 6);
  CHECK(rows[0].remote.bytes[10] == 0xff);
  CHECK(rows[0].remote.bytes[12] == 127);
  CHECK(rows[0].remote.port == pair.client_port());
}

TEST_CASE("socket table: an IPv6 connection") {
  const Pair pair(6, 6, true);
  const auto rows = Rows(6, pair.port());
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].remote.bytes[15] == 1);
}

TEST_CASE("socket table: what was closed by its process has no inode, and time-wait is left out") {
  Pair pair(4, 4, true);
  Close(pair.accepted);
  pair.accepted = kNoSocket;
  const auto rows = Rows(4, pair.port());
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].inode == 0);
  // fin-wait-1 or fin-wait-2: the peer's kernel answers our FIN when it likes.
  CHECK((rows[0].state == 4 || rows[0].state == 5));
  const uint16_t port = pair.client_port();
  Close(pair.client);
  pair.client = kNoSocket;
  CHECK(Rows(4, pair.port()).empty());
  CHECK(RowsTo(port, pair.port()).empty());
}

TEST_CASE("socket table: more than one answer's worth") {
  const Pair pair(4, 4, true);
  Address target;
  REQUIRE(ParseAddress("127.0.0.1", 4, pair.port(), &target));
  sockaddr_storage storage;
  const uint32_t length = ToSockaddr(target, &storage);
  std::vector<int> held;
  // An answer holds about 70 sockets.
  for (int i = 0; i < 200; ++i) {
    held.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(connect(held.back(), reinterpret_cast<sockaddr*>(&storage), length) == 0);
    int accepted = -1;
    while ((accepted = accept(pair.listener, nullptr, nullptr)) < 0) REQUIRE(errno == EAGAIN);
    held.push_back(accepted);
  }
  CHECK(Rows(4, pair.port()).size() == 201);
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
