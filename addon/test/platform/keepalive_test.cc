#include "platform/keepalive.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace holdfast::platform;

namespace {

struct TcpSocket {
  TcpSocket() : fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~TcpSocket() { Close(fd); }
  const int fd;
};

Keepalive Policy(uint32_t idle_ms, uint32_t interval_ms, uint32_t count) {
  Keepalive keepalive;
  keepalive.enabled = true;
  keepalive.idle_ms = idle_ms;
  keepalive.interval_ms = interval_ms;
  keepalive.count = count;
  return keepalive;
}

}  // namespace

TEST_CASE("keepalive: what was set is read back") {
  const TcpSocket tcp;
  Keepalive wanted = Policy(60'000, 10'000, 6);
  wanted.user_timeout_ms = 119'800;
  Unsupported unsupported;
  REQUIRE(ApplyKeepalive(tcp.fd, wanted, &unsupported) == 0);
  const Keepalive found = ReadKeepalive(tcp.fd);
  CHECK(found.enabled);
  CHECK(found.idle_ms == 60'000);
  CHECK(found.interval_ms == 10'000);
  CHECK(found.count == 6);
  CHECK(found.user_timeout_ms == 119'800);
  CHECK_FALSE(unsupported.idle);
  CHECK_FALSE(unsupported.user_timeout);
}

// TCP_RTO_MAX_MS came with Linux 6.15: set, or reported, but not dropped silently.
TEST_CASE("keepalive: the retransmission limit is in force or reported as unsupported") {
  const TcpSocket tcp;
  Keepalive wanted = Policy(60'000, 10'000, 6);
  wanted.rto_max_ms = 20'000;
  Unsupported unsupported;
  REQUIRE(ApplyKeepalive(tcp.fd, wanted, &unsupported) == 0);
  CHECK((ReadKeepalive(tcp.fd).rto_max_ms == 20'000) == !unsupported.rto_max);
}

TEST_CASE("keepalive: parts of a second are rounded up, so that nobody ends too early") {
  const TcpSocket tcp;
  Unsupported unsupported;
  REQUIRE(ApplyKeepalive(tcp.fd, Policy(1001, 2999, 3), &unsupported) == 0);
  CHECK(ReadKeepalive(tcp.fd).idle_ms == 2000);
  CHECK(ReadKeepalive(tcp.fd).interval_ms == 3000);
}

TEST_CASE("keepalive: the limits of the kernel can be set, what is beyond is an error") {
  const TcpSocket tcp;
  Unsupported unsupported;
  CHECK(ApplyKeepalive(tcp.fd, Policy(32'767'000, 32'767'000, 127), &unsupported) == 0);
  CHECK(ApplyKeepalive(tcp.fd, Policy(1000, 1000, 1), &unsupported) == 0);
  CHECK(ApplyKeepalive(tcp.fd, Policy(32'768'000, 1000, 1), &unsupported) == EINVAL);
  CHECK(ApplyKeepalive(tcp.fd, Policy(1000, 32'768'000, 1), &unsupported) == EINVAL);
  CHECK(ApplyKeepalive(tcp.fd, Policy(1000, 1000, 128), &unsupported) == EINVAL);
  CHECK(ApplyKeepalive(tcp.fd, Policy(0, 1000, 1), &unsupported) == EINVAL);
}

TEST_CASE("keepalive: it can be switched off again, the user timeout with it") {
  const TcpSocket tcp;
  Unsupported unsupported;
  Keepalive wanted = Policy(5000, 1000, 4);
  wanted.user_timeout_ms = 8800;
  REQUIRE(ApplyKeepalive(tcp.fd, wanted, &unsupported) == 0);
  REQUIRE(ApplyKeepalive(tcp.fd, Keepalive{}, &unsupported) == 0);
  CHECK_FALSE(ReadKeepalive(tcp.fd).enabled);
  CHECK(ReadKeepalive(tcp.fd).user_timeout_ms == 0);
}

TEST_CASE("keepalive: a descriptor that is no socket is an error") {
  Unsupported unsupported;
  CHECK(ApplyKeepalive(-1, Policy(1000, 1000, 1), &unsupported) == EBADF);
}
