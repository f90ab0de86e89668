// Closing a listener while there is no descriptor for who is at its door.

#include <doctest/doctest.h>
#include <errno.h>

#include <algorithm>
#include <vector>

#include "support/descriptors.h"
#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

// At the door of a listener that accepts nobody.
std::vector<Peer> ConnectSuspended(Rig* rig, Listener& listener, int count) {
  rig->reactor().SuspendListener(listener);
  std::vector<Peer> peers;
  for (int i = 0; i < count; ++i) peers.push_back(rig->Connect());
  return peers;
}

bool IsDrained(const Rig& rig) {
  return rig.Count(CompletionKind::kDrained) == 1;
}

}  // namespace

TEST_ON_EACH_IO(
    "draining: who finds no descriptor gets the next that is free, and nobody is reset") {
  Rig rig(io);
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kOpen) rig.End(event.id, DisconnectReason::kShutdown);
  };
  Listener& listener = rig.Listen();
  Peer inside;
  rig.Accept(&inside);
  // Three times as many as a try each 100 ms would let in.
  std::vector<Peer> peers = ConnectSuspended(&rig, listener, 30);
  const NoMoreDescriptors none;
  rig.reactor().DrainListener(listener, 1000);
  rig.RunFor(20);
  CHECK(rig.ledger.opened() == 1);
  inside.End();
  size_t resets = 0;
  size_t over = 0;
  const auto answer = [&] {
    for (Peer& peer : peers) {
      if (peer.ended() || peer.error() != 0) continue;
      peer.Read();
      // Not closed, which would free a descriptor of this process.
      if (peer.ended()) peer.End();
      resets += peer.error() != 0;
      over += peer.ended() || peer.error() != 0;
    }
  };
  REQUIRE(rig.Run([&] { return over == peers.size(); }, 5000, answer));
  CHECK(resets == 0);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }));
  CHECK(rig.ledger.opened() == 31);
  CHECK(rig.Count(CompletionKind::kRefused) == 0);
}

TEST_ON_EACH_IO(
    "draining: who finds no descriptor until the end of the grace is reset then, and counted") {
  constexpr uint64_t kGraceMs = 100;
  Rig rig(io);
  uint64_t refused_at_ns = 0;
  uint32_t refused = 0;
  rig.on_event = [&](const Event& event) {
    if (event.kind != CompletionKind::kRefused) return;
    CHECK(event.words[2] == static_cast<uint32_t>(Refusal::kEmfile));
    if (refused == 0) refused_at_ns = uv_hrtime();
    refused += event.words[3];
  };
  Listener& listener = rig.Listen();
  std::vector<Peer> peers = ConnectSuspended(&rig, listener, 3);
  const NoMoreDescriptors none;
  const uint64_t from_ns = uv_hrtime();
  rig.reactor().DrainListener(listener, kGraceMs);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }));
  CHECK(rig.ledger.opened() == 0);
  CHECK(refused == 3);
  // The clock of the loop has whole milliseconds.
  CHECK(refused_at_ns - from_ns >= (kGraceMs - 1) * 1'000'000);
  CHECK(rig.events.back().words[2] == 3);
  for (Peer& peer : peers) {
    peer.Read();
    CHECK(peer.error() == ECONNRESET);
  }
}
