// Listeners, and what arrives at them.

#include <doctest/doctest.h>
#include <errno.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

std::vector<Peer> Connect(Rig* rig, size_t count) {
  std::vector<Peer> peers;
  for (size_t i = 0; i < count; ++i) peers.push_back(rig->Connect());
  return peers;
}

platform::Keepalive SomeKeepalive() {
  platform::Keepalive keepalive;
  keepalive.enabled = true;
  keepalive.idle_ms = 61'000;
  keepalive.interval_ms = 11'000;
  keepalive.count = 7;
  return keepalive;
}

}  // namespace

TEST_ON_EACH_IO("arrivals: no batch opens more than the budget, and all are opened in the end") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.accept_budget = 7;
  rig.Listen(options);
  size_t opened_before = 0;
  size_t most = 0;
  rig.on_batch = [&](uint32_t) {
    most = std::max(most, rig.ledger.opened() - opened_before);
    opened_before = rig.ledger.opened();
  };
  const std::vector<Peer> peers = Connect(&rig, 100);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 100; }));
  CHECK(most <= 7);
  CHECK(most > 0);
}

TEST_ON_EACH_IO("arrivals: a batch with little room takes as many as fit, the rest later") {
  for (const uint32_t completions : {1u, 2u, 5u, 64u}) {
    CAPTURE(completions);
    Rig rig(io, {.completions = completions});
    rig.Listen();
    const std::vector<Peer> peers = Connect(&rig, 70);
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == 70; }));
  }
}

TEST_ON_EACH_IO("arrivals: two listeners share the room, and each knows its own") {
  Rig rig(io, {.completions = 8});
  const Listener& first = rig.Listen();
  const Listener& second = rig.Listen();
  CHECK(first.id != second.id);
  std::vector<Peer> peers;
  for (int i = 0; i < 40; ++i) peers.emplace_back(i % 2 == 0 ? first.address : second.address);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 40; }));
  size_t of_first = 0;
  for (const Event& event : rig.events) of_first += event.words[3] == first.id;
  CHECK(of_first == 20);
  CHECK(first.connections == 20);
  CHECK(second.connections == 20);
}

TEST_ON_EACH_IO("arrivals: keepalive is inherited, and verified on the first one") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.keepalive = SomeKeepalive();
  Listener& listener = rig.Listen(options);
  CHECK(listener.inheritance == Inheritance::kUnverified);
  CHECK(listener.in_force.idle_ms == 61'000);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  CHECK(listener.inheritance == Inheritance::kVerified);
  CHECK_FALSE(listener.SetsPerSocket());
  const platform::Keepalive found = platform::ReadKeepalive(rig.Find(id)->socket.fd);
  CHECK(found == listener.in_force);
  CHECK(found.enabled);
  CHECK(found.count == 7);
}

TEST_ON_EACH_IO("arrivals: without inheritance each socket gets its keepalive") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.keepalive = SomeKeepalive();
  options.inherit = false;
  rig.Listen(options);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  const platform::Keepalive found = platform::ReadKeepalive(rig.Find(id)->socket.fd);
  CHECK(found.enabled);
  CHECK(found.interval_ms == 11'000);
}

// The loop may have slept for hours when the first one comes.
TEST_ON_EACH_IO("arrivals: the life of a connection starts when it arrives") {
  Rig rig(io);
  const Address address = rig.Listen().address;
  rig.RunFor(5);
  Peer peer;
  uint64_t arrives_ns = 0;
  std::thread later([&] {
    usleep(300'000);
    arrives_ns = uv_hrtime();
    peer = Peer(address);
  });
  CHECK(rig.Run([&] { return rig.ledger.opened() == 1; }));
  later.join();
  REQUIRE(rig.ledger.opened() == 1);
  const ConnectionId id = rig.events.front().id;
  rig.Destroy(id);
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
  // Counted from before the sleep it would be longer than this by 300 ms.
  const double lasted_ms = static_cast<double>(uv_hrtime() - arrives_ns) / 1e6;
  CHECK(rig.Closed(id)->Evidence("durationMs") < lasted_ms + 100);
}

// The handshake is the kernel's: a peer may be gone before anybody accepts it.
TEST_ON_EACH_IO("arrivals: one that reset before it was taken opens, and ends as peer-reset") {
  Rig rig(io);
  rig.Listen();
  std::vector<Peer> peers = Connect(&rig, 10);
  for (size_t i = 0; i < peers.size(); ++i) {
    if (i % 2 == 0) peers[i].Send("hello");
    peers[i].Reset();
  }
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 10; }));
  size_t bytes = 0;
  for (const Event& event : rig.events) {
    bytes += event.bytes.size();
    if (event.kind != CompletionKind::kClosed) continue;
    CHECK(event.reason() == DisconnectReason::kPeerReset);
    CHECK(event.error() == ECONNRESET);
  }
  CHECK(bytes == 25);
}

TEST_ON_EACH_IO("arrivals: a keepalive set later is in force, and bounds what was written before") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.GoDeaf();
  rig.Write(id, "anybody there?");
  rig.RunFor(700);
  CHECK(rig.Closed(id) == nullptr);
  platform::Unsupported unsupported;
  platform::Keepalive keepalive = SomeKeepalive();
  keepalive.idle_ms = keepalive.interval_ms = 1000;
  keepalive.count = 1;
  REQUIRE(rig.reactor().SetKeepalive(*rig.Find(id), keepalive, 1000, &unsupported) == 0);
  CHECK(platform::ReadKeepalive(rig.Find(id)->socket.fd).count == 1);
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kSendTimeout);
  CHECK(rig.Closed(id)->decided_by_clock());
}
