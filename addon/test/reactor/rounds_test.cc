// The rounds by which UvIo is fair are counted in 16 bits.

#include <doctest/doctest.h>

#include <vector>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

TEST_CASE("rounds: a socket last served exactly one wrap ago is still served, on uv") {
  Rig rig(IoKind::kUv);
  rig.records_events = false;
  ListenerOptions options = Rig::Options();
  options.read_chunk_bytes = 1;
  rig.Listen(options);
  size_t received = 0;
  rig.on_event = [&](const Event& event) { received += event.bytes.size(); };
  std::vector<Peer> sleepers;
  for (int i = 0; i < 60; ++i) sleepers.push_back(rig.Connect());
  Peer busy = rig.Connect();
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 61; }));

  for (Peer& peer : sleepers) peer.Send("s");
  REQUIRE(rig.Run([&] { return received == 60; }));
  // One byte is one round; stop 30 short of the wrap.
  for (int i = 0; i < 65'536 - 30; ++i) {
    busy.Send("b");
    const size_t wanted = received + 1;
    for (int turn = 0; turn < 10 && received < wanted; ++turn) uv_run(rig.loop(), UV_RUN_NOWAIT);
    REQUIRE(received == wanted);
  }
  // Each of them alone, one round later than the one before.
  for (Peer& peer : sleepers) {
    const size_t wanted = received + 1;
    peer.Send("s");
    REQUIRE(rig.Run([&] { return received == wanted; }, 500));
  }
}
