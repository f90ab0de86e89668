// Clients that send faster, or ping more often, than their listener allows.

#include <doctest/doctest.h>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

ListenerOptions With(const IntakeOptions& intake) {
  ListenerOptions options = Rig::Options();
  options.intake = intake;
  return options;
}

IntakeOptions Bytes(uint32_t per_second, uint32_t burst) {
  return {.bytes = {per_second, burst}};
}

// The second ping at once waits for a minute.
constexpr IntakeOptions kOnePingAMinute = {.pings = {1, kPingTokens}};

void Throttle(Rig& rig, ConnectionId id) {
  rig.Pinged(id);
  rig.Pinged(id);
  rig.Flush();
  REQUIRE(rig.Throttles(id) == 1);
}

constexpr uint64_t kPatienceMs = 5000;

bool RunUntilClosed(Rig& rig, ConnectionId id) {
  return rig.Run([&] { return rig.Closed(id) != nullptr; }, kPatienceMs);
}

// Complains of each piece that comes before the rate allows it.
struct Watch {
  Watch(Rig& rig, ConnectionId id, const IntakeOptions& intake, uint64_t opened_ms) {
    rig.on_event = [this, &rig, id, intake, opened_ms](const Event& event) {
      if (event.kind != CompletionKind::kData || !(event.id == id)) return;
      received += event.bytes.size();
      const uint64_t elapsed_ms = uv_now(rig.loop()) - opened_ms;
      const uint64_t most = intake.bytes.burst + intake.bytes.per_second * elapsed_ms / 1000;
      CHECK(received <= most);
    };
  }
  uint64_t received = 0;
};

uint64_t OpenedMs(Rig& rig, ConnectionId id) {
  return rig.Find(id)->opened_ms;
}

}  // namespace

TEST_ON_EACH_IO("throttling: a client that floods is read at its rate, in order and to the end") {
  Rig rig(io);
  const IntakeOptions intake = Bytes(400'000, 40'000);
  rig.Listen(With(intake));
  Peer peer, other;
  const ConnectionId id = rig.Accept(&peer);
  const ConnectionId other_id = rig.Accept(&other);
  const Watch watch(rig, id, intake, OpenedMs(rig, id));
  constexpr size_t kBytes = 300'000;
  size_t sent = 0;
  const auto flood = [&] {
    if (sent < kBytes) sent += peer.Send(Pattern(kBytes - sent, 0, sent));
  };
  // While it waits others do not.
  REQUIRE(rig.Run([&] { return rig.Throttles(id) > 0; }, kPatienceMs, flood));
  other.Send("at once");
  REQUIRE(rig.Run([&] { return rig.Received(other_id) == "at once"; }, kPatienceMs));
  REQUIRE(rig.Run([&] { return watch.received == kBytes; }, kPatienceMs, flood));
  CHECK(rig.Received(id) == Pattern(kBytes));
  CHECK(rig.Throttles(other_id) == 0);
  CHECK(rig.Closed(id) == nullptr);
}

TEST_ON_EACH_IO("throttling: the end of a client comes behind the bytes that had to wait") {
  Rig rig(io);
  rig.Listen(With(Bytes(2000, 500)));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  REQUIRE(peer.Send(Pattern(1500)) == 1500);
  peer.End();
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kEnd, id) == 1; }, kPatienceMs));
  CHECK(rig.Received(id) == Pattern(1500));
}

TEST_ON_EACH_IO("throttling: what the host has paused goes on when neither stands against it") {
  Rig rig(io);
  const IntakeOptions intake = Bytes(4000, 1000);
  rig.Listen(With(intake));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  const Watch watch(rig, id, intake, OpenedMs(rig, id));
  REQUIRE(peer.Send(Pattern(3000)) == 3000);
  REQUIRE(rig.Run([&] { return watch.received == 1000; }, kPatienceMs));
  // Resumed by the host, it waits for the rate: the watch would complain.
  rig.Pause(id);
  rig.Resume(id);
  rig.Flush();
  REQUIRE(rig.Run([&] { return watch.received > 1000; }, kPatienceMs));
  rig.Pause(id);
  rig.Flush();
  // Released by the rate, it waits for the host.
  const uint64_t before = watch.received;
  rig.RunFor(600);
  CHECK(watch.received == before);
  rig.Resume(id);
  REQUIRE(rig.Run([&] { return watch.received == 3000; }, kPatienceMs));
  CHECK(rig.Received(id) == Pattern(3000));
}

TEST_ON_EACH_IO("throttling: a throttled connection reports its death") {
  Rig rig(io);
  rig.Listen(With(kOnePingAMinute));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  Throttle(rig, id);
  peer.Send("never read");
  peer.Reset();
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerReset);
  CHECK(rig.Received(id).empty());
}

TEST_ON_EACH_IO("throttling: where that ends it, the first byte too many does, and none before") {
  Rig rig(io);
  rig.Listen(With({.bytes = {100, 1000}, .ends_fast = true}));
  Peer within, above;
  const ConnectionId within_id = rig.Accept(&within);
  const ConnectionId above_id = rig.Accept(&above);
  REQUIRE(within.Send(Pattern(1000)) == 1000);
  REQUIRE(above.Send(Pattern(50'000)) == 50'000);
  REQUIRE(RunUntilClosed(rig, above_id));
  CHECK(rig.Closed(above_id)->reason() == DisconnectReason::kRateLimit);
  const uint64_t lasted_ms = static_cast<uint64_t>(rig.Closed(above_id)->Evidence("durationMs"));
  const std::string told = rig.Received(above_id);
  CHECK(told.size() > 1000);
  CHECK(told.size() <= 1001 + 100 * lasted_ms / 1000);
  CHECK(told == Pattern(told.size()));
  REQUIRE(rig.Run([&] { return rig.Received(within_id).size() == 1000; }, kPatienceMs));
  CHECK(rig.Closed(within_id) == nullptr);
  CHECK(rig.Throttles(within_id) == 0);
}

TEST_ON_EACH_IO("throttling: a client that pings too often is not read until its rate allows it") {
  Rig rig(io);
  rig.Listen(With({.pings = {300, 2 * kPingTokens}}));  // one in 200 ms
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Pinged(id);
  rig.Pinged(id);
  rig.Flush();
  CHECK(rig.Throttles(id) == 0);
  const uint64_t began_ms = uv_now(rig.loop());
  rig.Pinged(id);
  rig.Flush();
  CHECK(rig.Throttles(id) == 1);
  peer.Send("waits");
  REQUIRE(rig.Run([&] { return rig.Received(id) == "waits"; }, kPatienceMs));
  CHECK(uv_now(rig.loop()) - began_ms >= 200);
  CHECK(rig.Closed(id) == nullptr);
}

TEST_ON_EACH_IO("throttling: pings that come while others are owed are owed as well") {
  Rig rig(io);
  rig.Listen(With({.pings = {300, 3 * kPingTokens}}));  // one in 200 ms
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  for (int i = 0; i < 4; ++i) rig.Pinged(id);
  rig.Flush();
  const uint64_t began_ms = uv_now(rig.loop());
  REQUIRE(rig.Throttles(id) == 1);
  // Of the same chunk, which the host had received before.
  for (int i = 0; i < 5; ++i) rig.Pinged(id);
  peer.Send("waits");
  REQUIRE(rig.Run([&] { return rig.Received(id) == "waits"; }, kPatienceMs));
  CHECK(uv_now(rig.loop()) - began_ms >= 1200);
  CHECK(rig.Throttles(id) == 1);
}

TEST_ON_EACH_IO("throttling: the host cannot resume what its listener does not allow") {
  Rig rig(io);
  rig.Listen(With(kOnePingAMinute));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  Throttle(rig, id);
  rig.Pause(id);
  rig.Resume(id);
  peer.Send("waits");
  rig.RunFor(200);
  CHECK(rig.Received(id).empty());
}

TEST_ON_EACH_IO("throttling: where that ends it, the first ping too many does") {
  Rig rig(io);
  rig.Listen(With({.pings = {1, 3 * kPingTokens}, .ends_pinging = true}));
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  for (int i = 0; i < 3; ++i) rig.Pinged(id);
  rig.Flush();
  CHECK(rig.Find(id) != nullptr);
  rig.Pinged(id);
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kRateLimit);
}

TEST_ON_EACH_IO("throttling: neither silence nor a heartbeat is held against who is not read") {
  Rig rig(io);
  ListenerOptions options = With(kOnePingAMinute);
  options.deadlines = {.idle_read_ms = 200, .beat_ms = 100, .beat_reply_ms = 50};
  rig.Listen(options);
  Peer peer, idle;
  const ConnectionId id = rig.Accept(&peer);
  const ConnectionId idle_id = rig.Accept(&idle);
  Throttle(rig, id);
  REQUIRE(RunUntilClosed(rig, idle_id));
  rig.RunFor(300);
  CHECK(rig.Closed(id) == nullptr);
  CHECK(rig.Count(CompletionKind::kBeat, id) == 0);
}

TEST_ON_EACH_IO("throttling: silence counts from when reading goes on") {
  Rig rig(io);
  ListenerOptions options = With({.pings = {120, kPingTokens}});  // one in 500 ms
  options.deadlines = {.idle_read_ms = 300};
  rig.Listen(options);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  Throttle(rig, id);
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kIdleTimeout);
  CHECK(rig.Closed(id)->Evidence("durationMs") >= 800);
}

TEST_ON_EACH_IO("throttling: who has the slot of a throttled connection next begins afresh") {
  Rig rig(io);
  rig.Listen(With(kOnePingAMinute));
  Peer first, second;
  const ConnectionId id = rig.Accept(&first);
  Throttle(rig, id);
  rig.Destroy(id);
  REQUIRE(RunUntilClosed(rig, id));
  CHECK(rig.Throttles(id) == 1);
  const ConnectionId next = rig.Accept(&second);
  REQUIRE(next.slot == id.slot);
  CHECK(rig.Throttles(next) == 0);
  rig.Pinged(next);
  rig.Flush();
  second.Send("hello");
  REQUIRE(rig.Run([&] { return rig.Received(next) == "hello"; }, kPatienceMs));
}

TEST_ON_EACH_IO("throttling: a listener without limits is not counted for its neighbour's slots") {
  Rig rig(io);
  rig.Listen(With(kOnePingAMinute));
  Peer limited, free;
  const ConnectionId id = rig.Accept(&limited);
  Throttle(rig, id);
  rig.Destroy(id);
  REQUIRE(RunUntilClosed(rig, id));
  rig.Listen();
  const ConnectionId next = rig.Accept(&free);
  REQUIRE(next.slot == id.slot);
  CHECK(rig.Throttles(next) == 0);
  Peer another;
  const ConnectionId further = rig.Accept(&another);
  for (int i = 0; i < 10; ++i) rig.Pinged(further);
  another.Send(Pattern(100'000));
  REQUIRE(rig.Run([&] { return rig.Received(further).size() == 100'000; }, kPatienceMs));
}

TEST_ON_EACH_IO("throttling: a reactor stops although connections wait for their rate") {
  Rig rig(io);
  rig.Listen(With(kOnePingAMinute));
  Peer peer;
  Throttle(rig, rig.Accept(&peer));
  rig.Stop();
}
