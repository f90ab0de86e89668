// The environment goes away: whatever is under way, the reactor lets go of the loop and says no
// more.

#include <doctest/doctest.h>

#include <vector>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

TEST_ON_EACH_IO("stop: a reactor that did nothing") {
  Rig rig(io);
}

TEST_ON_EACH_IO("stop: with listeners, open connections and arrivals nobody took") {
  Rig rig(io);
  rig.Listen();
  rig.Listen();
  std::vector<Peer> peers(10);
  for (Peer& peer : peers) rig.Accept(&peer);
  const Peer waiting = rig.Connect();
  rig.Stop();
  for (Peer& peer : peers) {
    peer.Read();
    CHECK(peer.ended());
  }
}

TEST_ON_EACH_IO("stop: with writes blocked, connections draining, paused and half-open") {
  Rig rig(io);
  rig.Listen();
  std::vector<Peer> peers(8);
  std::vector<ConnectionId> ids;
  for (Peer& peer : peers) ids.push_back(rig.Accept(&peer));
  for (size_t i = 0; i < 4; ++i) rig.Write(ids[i], Pattern(20'000'000));
  rig.End(ids[0]);
  rig.End(ids[4]);
  rig.Pause(ids[1]);
  rig.Pause(ids[5]);
  peers[2].End();
  peers[6].End();
  rig.RunFor(5);
  rig.Destroy(ids[3]);
  rig.Destroy(ids[7]);
  rig.Stop();
}

TEST_ON_EACH_IO("stop: what waits to be submitted is carried out first") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, "goodbye");
  rig.Stop();
  peer.Read();
  CHECK(peer.received() == "goodbye");
}

TEST_ON_EACH_IO("stop: from inside of a delivery") {
  Rig rig(io, {.completions = 4});
  rig.Listen();
  std::vector<Peer> peers(20);
  for (Peer& peer : peers) peer = rig.Connect();
  bool stopped = false;
  rig.on_event = [&](const Event& event) {
    if (stopped || event.kind != CompletionKind::kOpen || rig.ledger.opened() < 9) return;
    stopped = true;
    rig.Write(event.id, "the last thing");
    rig.Destroy(event.id);
    rig.BeginStop();
  };
  REQUIRE(rig.Run([&] { return stopped; }));
  rig.Stop();
}

TEST_ON_EACH_IO("stop: completions that were not delivered never are") {
  Rig rig(io, {.completions = 4});
  rig.Listen();
  std::vector<Peer> peers(30);
  for (Peer& peer : peers) {
    rig.Accept(&peer);
    peer.Send("unheard");
  }
  for (const Event& event : std::vector<Event>(rig.events)) {
    if (event.kind == CompletionKind::kOpen) rig.Destroy(event.id);
  }
  rig.Flush();
  rig.Stop();
}

TEST_ON_EACH_IO("stop: with looks at the liveness clock armed") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.keepalive = {.enabled = true, .idle_ms = 1000, .interval_ms = 1000, .count = 1};
  options.detection_ms = 1000;
  rig.Listen(options);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.GoDeaf();
  rig.Write(id, "anybody there?");
  rig.RunFor(520);
  rig.Stop();
}
