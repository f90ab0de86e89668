// Batches that run out of room: nothing is lost, nothing waits for ever, order is kept.

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <map>
#include <vector>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

// Room for little more than one piece of evidence.
constexpr Sizes kTiny{
    .completions = 4, .receive_slab_bytes = 256, .submissions = 2, .submit_slab_bytes = 64};

struct Crowd {
  Crowd(Rig* rig, uint32_t count) : peers(count) {
    for (Peer& peer : peers) peer = rig->Connect();
  }

  std::vector<Peer> peers;
};

}  // namespace

TEST_ON_EACH_IO("batches: many small messages through a tiny queue, in order") {
  Rig rig(io, kTiny);
  rig.Listen();
  Crowd crowd(&rig, 40);
  std::map<uint16_t, uint32_t> index_of_port;
  for (uint32_t i = 0; i < crowd.peers.size(); ++i) {
    index_of_port[crowd.peers[i].port()] = i;
    REQUIRE(crowd.peers[i].Send(Pattern(1000, i)) == 1000);
  }
  std::map<uint32_t, std::string> received;
  rig.on_event = [&](const Event& event) {
    if (event.kind != CompletionKind::kData) return;
    received[index_of_port[rig.Find(event.id)->peer.port]] += event.bytes;
  };
  REQUIRE(rig.Run([&] {
    size_t done = 0;
    for (const auto& [index, bytes] : received) done += bytes.size() >= 1000;
    return done == crowd.peers.size();
  }));
  for (const auto& [index, bytes] : received) CHECK(bytes == Pattern(1000, index));
}

TEST_ON_EACH_IO("batches: many connections open, speak and close through a tiny queue") {
  Rig rig(io, kTiny);
  rig.Listen();
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kEnd) rig.End(event.id, DisconnectReason::kPeerEnd);
  };
  size_t bytes = 0;
  {
    Crowd crowd(&rig, 100);
    for (size_t i = 0; i < crowd.peers.size(); ++i) {
      bytes += crowd.peers[i].Send(Pattern(i));
      if (i % 3 == 0) crowd.peers[i].Reset();
      if (i % 3 == 1) crowd.peers[i].End();
    }
    REQUIRE(rig.Run([&] { return rig.ledger.closed() >= 67; }));
  }
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 100; }));
  size_t received = 0;
  for (const Event& event : rig.events) received += event.bytes.size();
  CHECK(received == bytes);
  CHECK(rig.ledger.opened() == 100);
}

TEST_ON_EACH_IO("batches: an end is reported while others flood the batches") {
  // One piece of the flood leaves less than the evidence of an end needs.
  Rig rig(io, {.completions = 64, .receive_slab_bytes = 4096});
  rig.records_events = false;
  ListenerOptions options = Rig::Options();
  options.read_chunk_bytes = 4000;
  rig.Listen(options);
  std::vector<Peer> flood;
  std::vector<Peer> victims;
  for (int i = 0; i < 30; ++i) {
    flood.push_back(rig.Connect());
    if (i % 3 == 0) victims.push_back(rig.Connect());
  }
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 40; }));
  const std::string bytes(100'000, 'f');
  const auto pump = [&] {
    for (Peer& peer : flood) peer.Send(bytes);
  };
  for (size_t i = 0; i < flood.size(); ++i) {
    flood[i].Send(bytes);
    if (i % 3 == 0) victims[i / 3].Reset();
  }
  const uint64_t before = rig.deliveries;
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 10; }, 3000, pump));
  // A round over all sockets, and some more for the flood that stood before them.
  CHECK(rig.deliveries - before < 200);
}

// Each flooder fills a whole batch by itself; the loop's order must not decide who is served.
TEST_ON_EACH_IO("batches: those who flood take turns, and nobody waits for ever") {
  Rig rig(io, {.completions = 64, .receive_slab_bytes = 8192});
  rig.records_events = false;
  ListenerOptions options = Rig::Options();
  options.read_chunk_bytes = 8192;
  rig.Listen(options);
  std::map<uint32_t, int> pieces;
  std::map<uint32_t, int> pieces_when_heard;
  int batches = 0;
  rig.on_batch = [&](uint32_t) { ++batches; };
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kData) ++pieces[event.id.slot];
  };
  Crowd flood(&rig, 12);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 12; }));
  const std::string bytes(200'000, 'f');
  const auto pump = [&] {
    for (Peer& peer : flood.peers) peer.Send(bytes);
  };
  pump();
  batches = 0;
  const int wanted = 240;
  REQUIRE(rig.Run([&] { return batches >= wanted; }, 5000, pump));
  REQUIRE(pieces.size() == 12);
  for (const auto& [slot, count] : pieces) {
    CAPTURE(slot);
    CHECK(count >= wanted / 12 / 4);
  }
}

TEST_ON_EACH_IO("batches: what a flush inside of a delivery brings about is the next batch") {
  Rig rig(io, kTiny);
  rig.Listen();
  std::map<uint32_t, int> drains;
  rig.high_watermark_bytes = 0;
  rig.on_event = [&](const Event& event) {
    switch (event.kind) {
      case CompletionKind::kData:
        rig.Write(event.id, "pong");  // each asks for a drain
        rig.Flush();
        return;
      case CompletionKind::kDrain:
        if (++drains[event.id.slot] == 3) {
          rig.Destroy(event.id);
        } else {
          rig.Write(event.id, "more");
        }
        rig.Flush();
        return;
      default:
        return;
    }
  };
  Crowd crowd(&rig, 30);
  for (Peer& peer : crowd.peers) REQUIRE(peer.Send("ping") == 4);
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 30; }));
  CHECK(rig.Count(CompletionKind::kDrain) == 90);
  for (Peer& peer : crowd.peers) {
    peer.Read();
    CHECK(peer.received() == "pongmoremore");
  }
}

// A writer whose large writes the kernel takes at once hears `drain` in every batch, and goes on.
TEST_ON_EACH_IO("batches: a writer that never pauses does not keep the others from being read") {
  Rig rig(io, {.completions = 64, .receive_slab_bytes = 4096, .submit_slab_bytes = 1024});
  rig.records_events = false;
  rig.high_watermark_bytes = 1000;
  rig.Listen();
  size_t received = 0;
  std::string chunk(2000, 'w');
  ConnectionId writer;
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kData) received += event.bytes.size();
    if (event.kind == CompletionKind::kDrain) rig.Write(writer, chunk);
  };
  Peer reader = rig.Connect();
  rig.records_events = true;
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  writer = rig.events.front().id;
  Crowd talkers(&rig, 10);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 11; }));
  rig.records_events = false;
  // Read in the middle of a delivery, so that the kernel always has room and each drain is at once.
  rig.on_batch = [&](uint32_t) { reader.Read(); };
  rig.Write(writer, chunk);
  for (Peer& peer : talkers.peers) REQUIRE(peer.Send(Pattern(50'000)) == 50'000);
  CHECK(rig.Run([&] { return received == 500'000; }));
}

TEST_ON_EACH_IO("batches: a host that keeps the reactor busy does not keep the loop from others") {
  Rig rig(io);
  rig.records_events = false;
  rig.high_watermark_bytes = 0;
  rig.Listen();
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kOpen || event.kind == CompletionKind::kDrain) {
      rig.Write(event.id, "x");
    }
  };
  Peer peer = rig.Connect();
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  // The timer of Run fires although each turn brings about the next.
  CHECK_FALSE(rig.Run([] { return false; }, 50));
  CHECK(rig.Run([&] { return rig.deliveries > 100; }));
}

TEST_ON_EACH_IO("batches: an idle reactor lets the loop sleep") {
  Rig rig(io, kTiny);
  rig.Listen();
  Crowd crowd(&rig, 20);
  for (Peer& peer : crowd.peers) REQUIRE(peer.Send(Pattern(999)) == 999);
  const auto has_received = [&](size_t bytes) {
    size_t received = 0;
    for (const Event& event : rig.events) received += event.bytes.size();
    return received == bytes;
  };
  REQUIRE(rig.Run([&] { return has_received(20 * 999); }));
  int pausing = 5;
  for (const Event& event : rig.events) {
    if (event.kind == CompletionKind::kOpen && pausing-- > 0) rig.Pause(event.id);
  }
  rig.Flush();
  for (Peer& peer : crowd.peers) REQUIRE(peer.Send("held back or not") == 16);
  REQUIRE(rig.Run([&] { return has_received(20 * 999 + 15 * 16); }));
  rig.RunFor(20);
  CHECK(rig.RunFor(100) < 20);
}
