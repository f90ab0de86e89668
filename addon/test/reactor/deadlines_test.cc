#include <doctest/doctest.h>

#include <time.h>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

ListenerOptions With(const DeadlineOptions& deadlines) {
  ListenerOptions options = Rig::Options();
  options.deadlines = deadlines;
  return options;
}

constexpr uint64_t kPatienceMs = 5000;

// The loop stands still, as when the host computes.
void Stall(long ms) {
  const timespec pause = {0, ms * 1'000'000};
  nanosleep(&pause, nullptr);
}

bool RunUntilClosed(Rig& rig, ConnectionId id) {
  return rig.Run([&] { return rig.Closed(id) != nullptr; }, kPatienceMs);
}

}  // namespace

TEST_ON_EACH_IO("deadlines: a connection that neither receives nor sends ends as idle") {
  Rig rig(io);
  rig.Listen(With({.idle_ms = 200}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kIdleTimeout);
  CHECK(rig.Closed(id)->Evidence("durationMs") >= 200);
}

TEST_ON_EACH_IO("deadlines: receiving puts the idle deadline off") {
  Rig rig(io);
  rig.Listen(With({.idle_read_ms = 300}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  for (int i = 0; i < 8; ++i) {
    peer.Send("x");
    rig.RunFor(100);
  }
  CHECK(rig.Closed(id) == nullptr);
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kIdleTimeout);
}

TEST_ON_EACH_IO("deadlines: sending alone does not put off a read deadline") {
  Rig rig(io);
  rig.Listen(With({.idle_read_ms = 300}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  REQUIRE(
      rig.Run([&] { return rig.Closed(id) != nullptr; }, kPatienceMs, [&] { rig.Write(id, "y"); }));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kIdleTimeout);
}

TEST_ON_EACH_IO(
    "deadlines: a handshake that is not complete in time ends the connection, a complete one does "
    "not") {
  Rig rig(io);
  rig.Listen(With({.handshake_ms = 300}));
  Peer slow, fast;
  const ConnectionId late = rig.Accept(&slow);
  const ConnectionId ready = rig.Accept(&fast);
  rig.Ready(ready);
  rig.Flush();
  slow.Send("one byte does not complete it");
  REQUIRE(RunUntilClosed(rig, late));
  CHECK(rig.Closed(late)->reason() == DisconnectReason::kHandshakeTimeout);
  rig.RunFor(200);
  CHECK(rig.Closed(ready) == nullptr);
}

TEST_ON_EACH_IO(
    "deadlines: an end that the peer does not answer is cut at its deadline, with the first "
    "reason") {
  Rig rig(io);
  rig.Listen(With({.end_ms = 200}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.End(id, DisconnectReason::kShutdown);
  rig.Flush();
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kShutdown);
  CHECK(rig.Closed(id)->Evidence("durationMs") >= 200);
}

TEST_ON_EACH_IO(
    "deadlines: silence asks for a heartbeat, and silence after it ends the connection") {
  Rig rig(io);
  rig.Listen(With({.beat_ms = 200, .beat_reply_ms = 150}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Count(CompletionKind::kBeat, id) == 1);
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kHeartbeatTimeout);
}

TEST_ON_EACH_IO("deadlines: an answered heartbeat keeps the connection, and is asked for again") {
  Rig rig(io);
  rig.Listen(With({.beat_ms = 150, .beat_reply_ms = 100}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kBeat) peer.Send("pong");
  };
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kBeat, id) >= 4; }, kPatienceMs));
  CHECK(rig.Closed(id) == nullptr);
}

// Found by the simulation.
TEST_ON_EACH_IO(
    "deadlines: an answered heartbeat is asked for again although its reply had more time") {
  Rig rig(io);
  rig.Listen(With({.beat_ms = 150, .beat_reply_ms = 60'000}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kBeat) peer.Send("pong");
  };
  CHECK(rig.Run([&] { return rig.Count(CompletionKind::kBeat, id) >= 3; }, kPatienceMs));
}

TEST_ON_EACH_IO("deadlines: what came while the loop was busy counts before a deadline is judged") {
  Rig rig(io);
  rig.Listen(With({.idle_read_ms = 200}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.Send("in time");
  Stall(400);
  rig.RunFor(100);
  CHECK(rig.Received(id) == "in time");
  CHECK(rig.Closed(id) == nullptr);
}

TEST_ON_EACH_IO("deadlines: a paused connection is not idle for what it does not read") {
  Rig rig(io);
  rig.Listen(With({.idle_read_ms = 150}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Pause(id);
  rig.Flush();
  rig.RunFor(400);
  CHECK(rig.Closed(id) == nullptr);
  rig.Resume(id);
  rig.Flush();
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kIdleTimeout);
}

// Found by the simulation: UvIo receives no sooner than in the next poll.
TEST_ON_EACH_IO("deadlines: a reply that came while nobody read is read before it is judged") {
  Rig rig(io);
  rig.Listen(With({.beat_ms = 150, .beat_reply_ms = 60}));
  Peer peer, busy;
  const ConnectionId id = rig.Accept(&peer);
  const ConnectionId busy_id = rig.Accept(&busy);
  uint64_t paused_ms = 0;
  bool resumed = false;
  rig.on_event = [&](const Event& event) {
    const uint64_t now_ms = uv_now(rig.loop());
    if (event.kind == CompletionKind::kBeat && event.id == id && paused_ms == 0) {
      paused_ms = now_ms;
      rig.Pause(id);
      peer.Send("pong");
    }
    if (!(event.id == busy_id) || paused_ms == 0 || resumed) return;
    // On a tick what is due is judged in this turn.
    if (now_ms - paused_ms < 200 || now_ms % kTickMs != 0) return;
    resumed = true;
    rig.Resume(id);
  };
  REQUIRE(rig.Run([&] { return resumed; }, kPatienceMs, [&] { busy.Send("x"); }));
  REQUIRE(rig.Run([&] { return rig.Received(id) == "pong" || rig.Closed(id) != nullptr; }));
  CHECK(rig.Received(id) == "pong");
}

TEST_ON_EACH_IO("deadlines: a client that does not read for so long ends as a slow consumer") {
  Rig rig(io);
  rig.Listen(With({.backlog_ms = 1000}));
  Peer slow, reading;
  const ConnectionId slow_id = rig.Accept(&slow);
  const ConnectionId reading_id = rig.Accept(&reading);
  rig.Write(slow_id, Pattern(8'000'000));
  rig.Write(reading_id, Pattern(8'000'000));
  rig.Flush();
  REQUIRE(rig.Run([&] { return rig.Closed(slow_id) != nullptr; }, kPatienceMs,
                  [&] { reading.Read(); }));
  CHECK(rig.Closed(slow_id)->reason() == DisconnectReason::kSlowConsumer);
  REQUIRE(rig.Run([&] { return reading.received().size() == 8'000'000; }, kPatienceMs,
                  [&] { reading.Read(); }));
  CHECK(rig.Closed(reading_id) == nullptr);
}
