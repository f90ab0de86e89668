// Bytes, both ways.

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

void EchoEverything(Rig* rig) {
  rig->on_event = [rig](const Event& event) {
    if (event.kind == CompletionKind::kData) rig->Write(event.id, event.bytes);
  };
}

}  // namespace

TEST_ON_EACH_IO("transfer: an echo returns each byte once and in order") {
  Rig rig(io);
  rig.Listen();
  EchoEverything(&rig);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  std::string sent;
  for (const size_t bytes : {1u, 2u, 7u, 8u, 9u, 1000u, 65'536u, 65'537u}) {
    const std::string message = Pattern(bytes, 1, sent.size());
    REQUIRE(peer.Send(message) == bytes);
    sent += message;
    REQUIRE(rig.Run([&] {
      peer.Read();
      return peer.received().size() == sent.size();
    }));
    REQUIRE(peer.received() == sent);
  }
  CHECK(rig.QueuedBytes(id) == 0);
  CHECK(rig.Find(id)->bytes_read == sent.size());
  CHECK(rig.Find(id)->bytes_written == sent.size());
}

TEST_ON_EACH_IO("transfer: many connections in one batch each get their own bytes") {
  Rig rig(io);
  rig.Listen();
  EchoEverything(&rig);
  std::vector<Peer> peers(300);
  for (uint32_t i = 0; i < peers.size(); ++i) {
    peers[i] = rig.Connect();
    REQUIRE(peers[i].Send(Pattern(200, i)) == 200);
  }
  REQUIRE(rig.Run([&] {
    size_t done = 0;
    for (Peer& peer : peers) {
      peer.Read();
      done += peer.received().size() == 200;
    }
    return done == peers.size();
  }));
  for (uint32_t i = 0; i < peers.size(); ++i) CHECK(peers[i].received() == Pattern(200, i));
  CHECK(rig.deliveries < 100);
}

TEST_ON_EACH_IO("transfer: a slow peer gets everything, then the host hears one drain") {
  constexpr size_t kBytes = 3'000'000;
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  bool wants_drain = false;
  for (size_t at = 0; at < kBytes; at += 30'000) {
    wants_drain |= !rig.Write(id, Pattern(30'000, 2, at));
  }
  rig.Flush();
  CHECK(wants_drain);
  CHECK(rig.QueuedBytes(id) > rig.high_watermark_bytes);
  CHECK(rig.Count(CompletionKind::kDrain) == 0);
  REQUIRE(rig.Run([&] { return peer.received().size() == kBytes; }, 10'000,
                  [&] { peer.Read(200'000); }));
  CHECK(peer.received() == Pattern(kBytes, 2));
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kDrain) > 0; }));
  rig.RunFor(20);
  CHECK(rig.Count(CompletionKind::kDrain, id) == 1);
  CHECK(rig.QueuedBytes(id) == 0);
}

TEST_ON_EACH_IO("transfer: writes behind a blocked one, of any size, keep their order") {
  Rig rig(io, {.submit_slab_bytes = 8192});
  ShrinkSendBuffer(rig.Listen());
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  size_t sent = 0;
  for (const size_t bytes : {100'000u, 3u, 200u, 500'000u, 8192u, 8193u, 1u, 250'000u, 50u}) {
    rig.Write(id, Pattern(bytes, 3, sent));
    sent += bytes;
  }
  REQUIRE(rig.Run([&] { return peer.received().size() == sent; }, 10'000, [&] { peer.Read(); }));
  CHECK(peer.received() == Pattern(sent, 3));
  REQUIRE(rig.Run([&] { return rig.QueuedBytes(id) == 0; }));
}

TEST_ON_EACH_IO("transfer: a large write goes after the small ones that wait for their flush") {
  Rig rig(io, {.submit_slab_bytes = 1024});
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, Pattern(10, 4));
  rig.Write(id, Pattern(5000, 4, 10));
  rig.Write(id, Pattern(10, 4, 5010));
  REQUIRE(rig.Run([&] { return peer.received().size() == 5020; }, 5000, [&] { peer.Read(); }));
  CHECK(peer.received() == Pattern(5020, 4));
}

TEST_ON_EACH_IO("transfer: both sides flood each other, and nothing is lost or mixed up") {
  constexpr size_t kBytes = 2'000'000;
  Rig rig(io, {.completions = 16, .receive_slab_bytes = 4096});
  rig.records_events = false;
  ShrinkSendBuffer(rig.Listen());
  EchoEverything(&rig);
  std::vector<Peer> peers(4);
  std::vector<std::string> streams(peers.size());
  std::vector<size_t> sent(peers.size());
  for (uint32_t i = 0; i < peers.size(); ++i) {
    peers[i] = rig.Connect();
    streams[i] = Pattern(kBytes, i);
  }
  const auto pump = [&] {
    for (size_t i = 0; i < peers.size(); ++i) {
      sent[i] += peers[i].Send(std::string_view(streams[i]).substr(sent[i], 100'000));
      peers[i].Read();
    }
  };
  REQUIRE(rig.Run(
      [&] {
        for (const Peer& peer : peers) {
          if (peer.received().size() < kBytes) return false;
        }
        return true;
      },
      20'000, pump));
  for (size_t i = 0; i < peers.size(); ++i) CHECK(peers[i].received() == streams[i]);
}

// recv(2) stops at the urgent mark: a read that comes up short there has not emptied the queue.
TEST_ON_EACH_IO("transfer: urgent data does not hold back what follows it") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  REQUIRE(peer.Send("before") == 6);
  peer.SendUrgent('!');
  REQUIRE(peer.Send("after") == 5);
  CHECK(rig.Run([&] { return rig.Received(id).size() >= 11; }));
  CHECK(rig.Received(id) == "beforeafter");
}

TEST_ON_EACH_IO("transfer: a write outside of any delivery leaves before the loop waits") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  const uint64_t deliveries = rig.deliveries;
  rig.Write(id, "now");
  uv_run(rig.loop(), UV_RUN_NOWAIT);
  peer.Read();
  CHECK(peer.received() == "now");
  CHECK(rig.deliveries == deliveries);
}

TEST_ON_EACH_IO("transfer: a write of nothing is harmless") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, "");
  rig.Write(id, "x");
  rig.Write(id, "");
  REQUIRE(rig.Run([&] { return peer.received() == "x"; }, 5000, [&] { peer.Read(); }));
}

TEST_ON_EACH_IO("transfer: requests for an id that is no more are ignored") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.Reset();
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
  Peer next;
  const ConnectionId later = rig.Accept(&next);
  CHECK(later.slot == id.slot);
  rig.Pause(id);
  rig.Destroy(id);
  rig.End(id);
  rig.Resume({id.slot, 0});
  rig.Destroy({kNoSlot, 1});
  rig.RunFor(10);
  REQUIRE(next.Send("still here") == 10);
  REQUIRE(rig.Run([&] { return rig.Received(later) == "still here"; }));
}

namespace {

// The largest piece of the second batch: what the first one was like decides.
size_t LargestPiece(IoKind io, size_t quiet_peers) {
  Rig rig(io);
  rig.records_events = false;
  rig.Listen();
  std::vector<Peer> loud, quiet;
  for (int i = 0; i < 30; ++i) loud.push_back(rig.Connect());
  for (size_t i = 0; i < quiet_peers; ++i) quiet.push_back(rig.Connect());
  const size_t all = loud.size() + quiet.size();
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == all; }));
  int batch = 0;
  size_t largest = 0;
  rig.on_batch = [&](uint32_t) { ++batch; };
  rig.on_event = [&](const Event& event) {
    if (batch == 2) largest = std::max(largest, event.bytes.size());
  };
  for (Peer& peer : quiet) peer.Send(std::string(100, 'q'));
  for (Peer& peer : loud) peer.Send(std::string(400'000, 'l'));
  REQUIRE(rig.Run([&] { return batch >= 3; }));
  return largest;
}

}  // namespace

TEST_ON_EACH_IO("transfer: those who send much share the slab among themselves") {
  CHECK(LargestPiece(io, 0) > 16 * 1024);
}

TEST_ON_EACH_IO("transfer: beside many who send little, little is received from each") {
  CHECK(LargestPiece(io, 40) <= 8 * 1024);
}
