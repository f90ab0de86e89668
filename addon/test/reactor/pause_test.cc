// A host that wants to hear nothing for a while.

#include <doctest/doctest.h>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

TEST_ON_EACH_IO("pause: a paused connection is not read, and nothing is lost until it resumes") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Pause(id);
  rig.Flush();
  REQUIRE(peer.Send(Pattern(1000)) == 1000);
  rig.RunFor(30);
  CHECK(rig.Received(id).empty());
  REQUIRE(peer.Send(Pattern(500, 0, 1000)) == 500);
  rig.RunFor(10);
  rig.Resume(id);
  REQUIRE(rig.Run([&] { return rig.Received(id).size() == 1500; }));
  CHECK(rig.Received(id) == Pattern(1500));
}

TEST_ON_EACH_IO("pause: pause and resume in one flush, both ways, lose no edge") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  size_t sent = 0;
  rig.on_event = [&](const Event& event) {
    if (event.kind != CompletionKind::kData) return;
    rig.Pause(id);
    rig.Resume(id);
    rig.Pause(id);
    if (event.words[4] % 2 == 0) rig.Flush();
    rig.Resume(id);
  };
  for (int i = 1; i < 100; ++i) {
    sent += peer.Send(Pattern(static_cast<size_t>(i), 0, sent));
    if (i % 3 == 0) rig.RunFor(1);
  }
  REQUIRE(rig.Run([&] { return rig.Received(id).size() == sent; }));
  CHECK(rig.Received(id) == Pattern(sent));
}

TEST_ON_EACH_IO("pause: a host that pauses at each piece gets all of them") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.read_chunk_bytes = 100;
  rig.Listen(options);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kData) rig.Pause(id);
  };
  REQUIRE(peer.Send(Pattern(5000)) == 5000);
  const auto resume = [&] { rig.Resume(id); };
  REQUIRE(rig.Run([&] { return rig.Received(id).size() == 5000; }, 5000, resume));
  CHECK(rig.Received(id) == Pattern(5000));
}
