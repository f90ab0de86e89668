#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/socket_table.h"

using namespace holdfast;

namespace {

uint16_t PortOf(int fd) {
  sockaddr_in address = {};
  socklen_t length = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

int Rows(uint16_t port) {
  int rows = 0;
  REQUIRE(platform::ReadSocketTable({4, port}, [&](const platform::SocketTableRow&) { ++rows; }) ==
          0);
  return rows;
}

}  // namespace

// With TCP_DEFER_ACCEPT (tcp(7)) a handshake is not done before the first bytes: until then the
// server's end is what a flood of SYNs leaves behind.
TEST_CASE("socket table: a handshake that is not done is no connection") {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int seconds = 30;
  REQUIRE(setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)) == 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(listen(listener, 8) == 0);
  address.sin_port = htons(PortOf(listener));
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  CHECK(Rows(ntohs(address.sin_port)) == 0);
  REQUIRE(send(client, "x", 1, 0) == 1);
  const int accepted = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  CHECK(Rows(ntohs(address.sin_port)) == 1);
  close(accepted);
  close(client);
  close(listener);
}
