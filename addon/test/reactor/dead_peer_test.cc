// Peers that vanish, for real: their sockets go deaf. All at once, because it takes seconds.

#include <doctest/doctest.h>
#include <errno.h>
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

constexpr uint32_t kDetectionMs = 2000;  // idle 1 s, one probe, 1 s for its answer

ListenerOptions Strict() {
  ListenerOptions options = Rig::Options();
  options.keepalive.enabled = true;
  options.keepalive.idle_ms = 1000;
  options.keepalive.interval_ms = 1000;
  options.keepalive.count = 1;
  options.keepalive.rto_max_ms = 1000;
  options.detection_ms = kDetectionMs;
  return options;
}

void CheckDead(const Rig& rig, ConnectionId id, DisconnectReason reason, bool by_clock) {
  const Event* closed = rig.Closed(id);
  REQUIRE(closed != nullptr);
  CHECK(closed->reason() == reason);
  CHECK(closed->error() == ETIMEDOUT);
  CHECK(closed->decided_by_clock() == by_clock);
  CHECK(closed->Evidence("detectedMs") >= kDetectionMs - 50);
  // Two confirmations of the clock, a look of the Io that is blind to it, some slack of the kernel.
  CHECK(closed->Evidence("detectedMs") <= kDetectionMs + 1600);
}

// Whether the kernel has the server's end of a connection: also one that no process holds any more,
// kept to send what is left (proc_net_tcp(5)).
bool KernelHas(const Listener& listener, const Peer& peer) {
  std::ifstream table("/proc/net/tcp");
  REQUIRE(table.is_open());
  const auto ends_in = [](const std::string& address, uint16_t port) {
    char wanted[8];
    std::snprintf(wanted, sizeof(wanted), ":%04X", port);
    return address.ends_with(wanted);
  };
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string number, local, remote;
    fields >> number >> local >> remote;
    if (ends_in(local, listener.address.port) && ends_in(remote, peer.port())) return true;
  }
  return false;
}

}  // namespace

TEST_ON_EACH_IO("dead peer: found within its bound, whatever was under way, and no other is") {
  Rig rig(io);
  rig.Listen(Strict());
  Peer idle, writing, paused, draining, half_open, slow, back, quiet;
  const ConnectionId idle_id = rig.Accept(&idle);
  const ConnectionId writing_id = rig.Accept(&writing);
  const ConnectionId paused_id = rig.Accept(&paused);
  const ConnectionId draining_id = rig.Accept(&draining);
  const ConnectionId half_open_id = rig.Accept(&half_open);
  const ConnectionId slow_id = rig.Accept(&slow);
  const ConnectionId back_id = rig.Accept(&back);
  const ConnectionId quiet_id = rig.Accept(&quiet);
  rig.Pause(paused_id);
  half_open.End();
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kEnd, half_open_id) == 1; }));
  rig.Write(slow_id, Pattern(8'000'000));
  rig.Flush();
  for (Peer* peer : {&idle, &writing, &paused, &draining, &half_open, &back}) peer->GoDeaf();
  rig.Write(writing_id, "anybody there?");
  rig.Write(back_id, "wait for me");
  rig.End(draining_id);
  // Its data is sent again 1.4 s after the first time, long before the bound.
  rig.RunFor(700);
  back.HearAgain();
  rig.RunFor(4300);

  CheckDead(rig, idle_id, DisconnectReason::kKeepaliveTimeout, false);
  CheckDead(rig, paused_id, DisconnectReason::kKeepaliveTimeout, false);
  CheckDead(rig, half_open_id, DisconnectReason::kKeepaliveTimeout, false);
  CheckDead(rig, writing_id, DisconnectReason::kSendTimeout, true);
  CheckDead(rig, draining_id, DisconnectReason::kSendTimeout, true);
  CHECK(rig.ledger.IsOpen(slow_id));
  CHECK(rig.ledger.IsOpen(back_id));
  CHECK(rig.ledger.IsOpen(quiet_id));
  back.Read();
  CHECK(back.received() == "wait for me");
  CHECK(rig.QueuedBytes(slow_id) > 0);
}

// Closed in order, each would stay in the kernel with all that was not sent, be sent again and
// again for minutes, and reach a peer that comes back after its end was reported.
TEST_ON_EACH_IO("dead peer: what the clock ended leaves nothing in the kernel") {
  Rig rig(io);
  const Listener& listener = rig.Listen(Strict());
  Peer writing, slow, live;
  const ConnectionId writing_id = rig.Accept(&writing);
  const ConnectionId slow_id = rig.Accept(&slow);
  const ConnectionId live_id = rig.Accept(&live);
  rig.Write(slow_id, Pattern(8'000'000));
  rig.Flush();
  for (Peer* peer : {&writing, &slow}) peer->GoDeaf();
  rig.Write(writing_id, "anybody there?");
  REQUIRE(rig.Run([&] { return rig.Closed(writing_id) && rig.Closed(slow_id); }));
  CheckDead(rig, writing_id, DisconnectReason::kSendTimeout, true);
  CheckDead(rig, slow_id, DisconnectReason::kSendTimeout, true);
  CHECK_FALSE(KernelHas(listener, writing));
  CHECK_FALSE(KernelHas(listener, slow));
  // The control: a socket that is open is in that table, and so is one that was closed in order.
  CHECK(KernelHas(listener, live));
  rig.Destroy(live_id);
  REQUIRE(rig.Run([&] { return rig.Closed(live_id) != nullptr; }));
  CHECK(KernelHas(listener, live));
}

// A switch dies, and all behind it are due in the same tick.
TEST_ON_EACH_IO("dead peer: a thousand at once end in several turns, with others served between") {
  constexpr size_t kPeers = 1500;
  constexpr uint32_t kMostPerBatch = 512;
  Rig rig(io);
  rig.records_events = false;
  ListenerOptions options = Strict();
  options.detection_ms = 1000;
  options.backlog = kPeers;
  rig.Listen(options);
  std::vector<ConnectionId> ids;
  uint32_t ended = 0;
  uint32_t ended_in_batch = 0;
  uint32_t most_ended = 0;
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kOpen) ids.push_back(event.id);
    if (event.kind != CompletionKind::kClosed) return;
    CHECK(event.reason() == DisconnectReason::kSendTimeout);
    ++ended;
    most_ended = std::max(most_ended, ++ended_in_batch);
  };
  rig.on_batch = [&](uint32_t) { ended_in_batch = 0; };
  std::vector<Peer> peers;
  for (size_t i = 0; i < kPeers; ++i) peers.push_back(rig.Connect());
  REQUIRE(rig.Run([&] { return ids.size() == kPeers; }));
  for (Peer& peer : peers) peer.GoDeaf();
  for (const ConnectionId id : ids) rig.Write(id, "anybody there?");
  REQUIRE(rig.Run([&] { return ended == kPeers; }, 10'000));
  CHECK(most_ended > 100);  // they were due together
  CHECK(most_ended <= kMostPerBatch);
}

// They came before the peer vanished, and were read when half of its time was over: that is no sign
// of life.
TEST_ON_EACH_IO("dead peer: bytes that are read late do not put off its end") {
  Rig rig(io);
  rig.Listen(Strict());
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Pause(id);
  rig.Flush();
  peer.Send("the last word");
  peer.GoDeaf();
  rig.RunFor(kDetectionMs * 3 / 4);
  rig.Resume(id);
  REQUIRE(rig.Run([&] { return rig.Received(id) == "the last word"; }));
  rig.Write(id, "anybody there?");
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
  CheckDead(rig, id, DisconnectReason::kSendTimeout, true);
  CHECK(rig.Closed(id)->Evidence("detectedMs") <= kDetectionMs + 1000);
}

// With uv the FIN is sent later, and its failure is not known when the end is named.
TEST_CASE("dead peer: a FIN that comes too late is not what went unanswered, on epoll") {
  Rig rig(IoKind::kEpoll);
  rig.Listen(Strict());
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.GoDeaf();
  pollfd gone = {rig.Find(id)->socket.fd, 0, 0};
  REQUIRE(poll(&gone, 1, 10'000) == 1);  // the kernel gives up, and the loop stands still
  rig.End(id);
  rig.Flush();
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
  CheckDead(rig, id, DisconnectReason::kKeepaliveTimeout, false);
}
