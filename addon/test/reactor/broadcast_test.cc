// The same bytes to many connections.

#include <doctest/doctest.h>

#include <vector>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

struct Room {
  std::vector<Peer> peers;
  std::vector<ConnectionId> ids;
};

Room Fill(Rig* rig, size_t count) {
  Room room;
  room.peers.resize(count);
  for (Peer& peer : room.peers) room.ids.push_back(rig->Accept(&peer));
  return room;
}

bool AllReceived(Room* room, size_t bytes) {
  bool all = true;
  for (Peer& peer : room->peers) {
    peer.Read();
    all &= peer.received().size() >= bytes;
  }
  return all;
}

}  // namespace

TEST_ON_EACH_IO(
    "broadcast: comes after what was written before, and before what is written after") {
  constexpr size_t kBytes = 300'000;
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Room room = Fill(&rig, 20);
  const std::string all = Pattern(kBytes, 9);
  for (const ConnectionId id : room.ids) rig.Write(id, "before ");
  rig.Broadcast(room.ids, all);
  for (const ConnectionId id : room.ids) rig.Write(id, " between ");
  rig.Broadcast(room.ids, "small");
  rig.Broadcast(room.ids, all);
  const std::string expected = "before " + all + " between small" + all;
  REQUIRE(rig.Run([&] { return AllReceived(&room, expected.size()); }, 10'000, [] {}));
  for (const Peer& peer : room.peers) CHECK(peer.received() == expected);
  REQUIRE(rig.Run([&] { return rig.listener().queue_memory.bytes == 0; }));
  for (const ConnectionId id : room.ids) {
    CHECK(rig.QueuedBytes(id) == 0);
    CHECK(rig.Find(id)->bytes_written == expected.size());
  }
}

TEST_ON_EACH_IO("broadcast: peers that never read share one copy, which goes with the last") {
  constexpr size_t kBytes = 1'000'000;
  constexpr size_t kPeers = 50;
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Room room = Fill(&rig, kPeers);
  // The kernels' buffers are filled first, so that all of the broadcast is left.
  const std::string filler = Pattern(8'000'000, 1);
  for (const ConnectionId id : room.ids) {
    rig.Write(id, filler);
    rig.Flush();
  }
  const uint64_t before = rig.listener().queue_memory.bytes;
  CHECK(before > 0);
  const std::string all = Pattern(kBytes, 9);
  rig.Broadcast(room.ids, all);
  const uint64_t grown = rig.listener().queue_memory.bytes - before;
  CHECK(grown >= kBytes);
  CHECK(grown < kBytes + kPeers * 64 + 64);
  for (size_t i = 0; i < kPeers; ++i) {
    CHECK(rig.QueuedBytes(room.ids[i]) > kBytes);
    CHECK(rig.listener().queue_memory.bytes >= kBytes);
    rig.Destroy(room.ids[i]);
    rig.Flush();
  }
  CHECK(rig.listener().queue_memory.bytes == 0);
}

TEST_ON_EACH_IO("broadcast: nothing is kept where the kernel takes all") {
  Rig rig(io);
  rig.Listen();
  Room room = Fill(&rig, 10);
  rig.Broadcast(room.ids, Pattern(2000, 3));
  CHECK(rig.listener().queue_memory.bytes == 0);
  REQUIRE(rig.Run([&] { return AllReceived(&room, 2000); }, 5000, [] {}));
}

TEST_ON_EACH_IO("broadcast: leaves out who has ended, and ids that are no more") {
  Rig rig(io);
  rig.Listen();
  Room room = Fill(&rig, 4);
  rig.End(room.ids[0]);
  rig.Destroy(room.ids[1]);
  std::vector<ConnectionId> ids = room.ids;
  ids.push_back({room.ids[3].slot, room.ids[3].generation + 1});
  ids.push_back({12'345, 1});
  rig.Broadcast(ids, "to those who are there");
  REQUIRE(rig.Run([&] { return AllReceived(&room, 0) && room.peers[3].received().size() == 22; },
                  5000, [] {}));
  CHECK(room.peers[0].received().empty());
  CHECK(room.peers[1].received().empty());
  CHECK(room.peers[2].received() == "to those who are there");
  CHECK(room.peers[3].received() == "to those who are there");
}

TEST_ON_EACH_IO("broadcast: within a delivery, and then a drain for each that had to wait") {
  constexpr size_t kBytes = 500'000;
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Room room = Fill(&rig, 5);
  bool said = false;
  rig.on_event = [&](const Event& event) {
    if (event.kind != CompletionKind::kData || said) return;
    said = true;
    rig.Broadcast(room.ids, Pattern(kBytes, 2));
  };
  REQUIRE(room.peers[0].Send("go") == 2);
  REQUIRE(rig.Run([&] { return AllReceived(&room, kBytes); }, 10'000, [] {}));
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kDrain) >= room.ids.size(); }));
  for (size_t i = 0; i < room.ids.size(); ++i) {
    CHECK(room.peers[i].received() == Pattern(kBytes, 2));
    CHECK(rig.Count(CompletionKind::kDrain, room.ids[i]) == 1);
  }
}

TEST_ON_EACH_IO("broadcast: a peer that resets in the middle of it harms nobody") {
  constexpr size_t kBytes = 2'000'000;
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Room room = Fill(&rig, 6);
  rig.Broadcast(room.ids, Pattern(kBytes, 5));
  room.peers[2].Reset();
  REQUIRE(rig.Run(
      [&] {
        size_t done = 0;
        for (size_t i = 0; i < room.peers.size(); ++i) {
          if (i == 2) continue;
          room.peers[i].Read();
          done += room.peers[i].received().size() == kBytes;
        }
        return done == 5 && rig.Closed(room.ids[2]) != nullptr;
      },
      10'000, [] {}));
  for (size_t i = 0; i < room.peers.size(); ++i) {
    if (i != 2) CHECK(room.peers[i].received() == Pattern(kBytes, 5));
  }
  REQUIRE(rig.Run([&] { return rig.listener().queue_memory.bytes == 0; }));
}

TEST_ON_EACH_IO("broadcast: a stop while a copy is shared lets go of it") {
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Room room = Fill(&rig, 10);
  rig.Broadcast(room.ids, Pattern(4'000'000, 5));
  CHECK(rig.listener().queue_memory.bytes >= 4'000'000);
  rig.Stop();  // a sanitizer sees what is left
}
