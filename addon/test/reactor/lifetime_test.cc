// A connection that has lived for as long as it may: the host is asked to end it, so that it knows.

#include <doctest/doctest.h>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

constexpr uint64_t kPatienceMs = 5000;

ListenerOptions With(const DeadlineOptions& deadlines) {
  ListenerOptions options = Rig::Options();
  options.deadlines = deadlines;
  return options;
}

bool RunUntilClosed(Rig& rig, ConnectionId id) {
  return rig.Run([&] { return rig.Closed(id) != nullptr; }, kPatienceMs);
}

}  // namespace

TEST_ON_EACH_IO(
    "lifetime: it ends a busy connection, the host is told once, and all it wrote by then is "
    "sent") {
  Rig rig(io);
  rig.Listen(With({.lifetime_ms = 200}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, "goodbye");
  // In the batch that says so, before the host has come to that record.
  rig.on_event = [&](const Event& event) {
    if (event.kind != CompletionKind::kEnding) return;
    CHECK(event.reason() == DisconnectReason::kLifetime);
    CHECK_FALSE(peer.ended());
    rig.Write(id, ", and farewell");
  };
  REQUIRE(rig.Run([&] { return peer.ended(); }, kPatienceMs, [&] { peer.Read(); }));
  CHECK(peer.received() == "goodbye, and farewell");
  CHECK(rig.QueuedBytes(id) == 0);
  peer.Close();
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Count(CompletionKind::kEnding, id) == 1);
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kLifetime);
}

TEST_ON_EACH_IO("lifetime: what the host writes after it is over, and before it is told, is sent") {
  Rig rig(io);
  rig.Listen(With({.lifetime_ms = 200}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  std::string written;
  bool told = false;
  rig.on_event = [&](const Event& event) { told |= event.kind == CompletionKind::kEnding; };
  // From outside of deliveries, as timers do, in each pass of the loop.
  const auto pump = [&] {
    peer.Read();
    if (!told) {
      rig.Write(id, "x");
      written += "x";
    }
  };
  REQUIRE(rig.Run([&] { return peer.ended(); }, kPatienceMs, pump));
  CHECK(peer.received() == written);
  CHECK(rig.QueuedBytes(id) == 0);
  peer.Close();
  REQUIRE(RunUntilClosed(rig, id));
}

TEST_ON_EACH_IO("lifetime: an end that the host asked for first keeps its own reason") {
  Rig rig(io);
  rig.Listen(With({.lifetime_ms = 200}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.on_batch = [&](uint32_t) { rig.End(id, DisconnectReason::kShutdown); };
  REQUIRE(rig.Run([&] { return peer.ended(); }, kPatienceMs, [&] { peer.Read(); }));
  peer.Close();
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kShutdown);
}

TEST_ON_EACH_IO("lifetime: a peer that does not answer the FIN and goes on sending is cut") {
  Rig rig(io);
  rig.Listen(With({.lifetime_ms = 200, .end_ms = 200}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }, kPatienceMs, [&] { peer.Send("x"); }));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kLifetime);
  CHECK(rig.Closed(id)->Evidence("durationMs") >= 400);
}

TEST_ON_EACH_IO("lifetime: a host that does not answer ends the connection no later") {
  Rig rig(io);
  rig.answers_ending = false;
  rig.Listen(With({.lifetime_ms = 200, .end_ms = 200}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kLifetime);
  CHECK(rig.Count(CompletionKind::kEnding, id) == 1);
}

TEST_ON_EACH_IO("lifetime: many that are over at once are all told of, however small the batch") {
  constexpr size_t kMany = 40;
  Rig rig(io, {.completions = 2, .receive_slab_bytes = 1024});
  rig.Listen(With({.lifetime_ms = 400}));
  std::vector<Peer> peers(kMany);
  std::vector<ConnectionId> ids;
  for (Peer& peer : peers) ids.push_back(rig.Accept(&peer));
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kEnding) == kMany; }, kPatienceMs));
  peers.clear();
  REQUIRE(rig.Run([&] { return rig.ledger.open() == 0; }, kPatienceMs));
  for (const ConnectionId id : ids) {
    CHECK(rig.Closed(id)->reason() == DisconnectReason::kLifetime);
  }
}
