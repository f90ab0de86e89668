// How connections end, and that each end is reported once, in order, with its cause.

#include <doctest/doctest.h>
#include <errno.h>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

// As lib/ does when half-open connections are not asked for.
void AnswerEnds(Rig* rig) {
  rig->on_event = [rig](const Event& event) {
    if (event.kind == CompletionKind::kEnd) rig->End(event.id, DisconnectReason::kPeerEnd);
  };
}

bool RunUntilClosed(Rig* rig, ConnectionId id, Peer* peer = nullptr) {
  return rig->Run([=] { return rig->Closed(id) != nullptr; }, 3000,
                  [=] {
                    if (peer != nullptr) peer->Read();
                  });
}

}  // namespace

TEST_ON_EACH_IO("ending: the peer ends, the host answers: peer-end") {
  Rig rig(io);
  rig.Listen();
  AnswerEnds(&rig);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.End();
  REQUIRE(RunUntilClosed(&rig, id, &peer));
  CHECK(rig.Count(CompletionKind::kEnd, id) == 1);
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerEnd);
  CHECK(rig.Closed(id)->error() == 0);
  CHECK(rig.Closed(id)->Evidence("remotePort") == peer.port());
  CHECK(rig.Closed(id)->Evidence("family") == 4);
  peer.Read();
  CHECK(peer.ended());
  CHECK(peer.error() == 0);
}

TEST_ON_EACH_IO("ending: bytes and FIN in one go are data, then end") {
  Rig rig(io);
  rig.Listen();
  AnswerEnds(&rig);
  Peer peer = rig.Connect();
  REQUIRE(peer.Send(Pattern(100'000)) == 100'000);
  peer.End();
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 1; }));
  const ConnectionId id = rig.events.front().id;
  CHECK(rig.Received(id) == Pattern(100'000));
  CHECK(rig.Count(CompletionKind::kEnd, id) == 1);
  CHECK(rig.Closed(id)->Evidence("bytesRead") == 100'000);
}

TEST_ON_EACH_IO("ending: the host ends, the peer answers: local-end, and bytes go on till then") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, "last words");
  rig.End(id);
  REQUIRE(rig.Run([&] { return peer.ended(); }, 3000, [&] { peer.Read(); }));
  CHECK(peer.received() == "last words");
  CHECK(rig.Closed(id) == nullptr);
  REQUIRE(peer.Send("one more thing") == 14);
  peer.End();
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Received(id) == "one more thing");
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kLocalEnd);
  CHECK(rig.Closed(id)->Evidence("bytesWritten") == 10);
  CHECK(rig.Closed(id)->Evidence("bytesUnsent") == 0);
}

TEST_ON_EACH_IO("ending: both ends in the same turn close once") {
  Rig rig(io);
  rig.Listen();
  AnswerEnds(&rig);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.End();
  rig.End(id, DisconnectReason::kShutdown);
  REQUIRE(RunUntilClosed(&rig, id, &peer));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kShutdown);
  CHECK(rig.ledger.closed() == 1);
}

TEST_ON_EACH_IO("ending: the first reason to end counts, and nothing is written after it") {
  Rig rig(io);
  rig.Listen();
  AnswerEnds(&rig);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.End(id, DisconnectReason::kIdleTimeout);
  rig.Write(id, "too late");
  rig.End(id, DisconnectReason::kShutdown);
  rig.Flush();
  peer.End();
  REQUIRE(RunUntilClosed(&rig, id, &peer));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kIdleTimeout);
  CHECK(peer.received().empty());
}

TEST_ON_EACH_IO("ending: an end waits for what is queued, then sends FIN") {
  constexpr size_t kBytes = 1'000'000;
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  AnswerEnds(&rig);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, Pattern(kBytes));
  rig.End(id);
  REQUIRE(rig.Run([&] { return peer.ended(); }, 10'000, [&] { peer.Read(100'000); }));
  CHECK(peer.received() == Pattern(kBytes));
  peer.End();
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kLocalEnd);
  CHECK(rig.Closed(id)->Evidence("bytesUnsent") == 0);
}

TEST_ON_EACH_IO("ending: a half-open connection still sends, then ends as the peer's end") {
  constexpr size_t kBytes = 600'000;
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.End();
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kEnd, id) == 1; }));
  rig.RunFor(10);
  CHECK(rig.Closed(id) == nullptr);
  rig.Write(id, Pattern(kBytes));
  rig.End(id);
  REQUIRE(rig.Run([&] { return peer.ended(); }, 10'000, [&] { peer.Read(100'000); }));
  CHECK(peer.received() == Pattern(kBytes));
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerEnd);
}

TEST_ON_EACH_IO("ending: the FIN of a paused connection is heard when it resumes") {
  Rig rig(io);
  rig.Listen();
  AnswerEnds(&rig);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Pause(id);
  rig.Flush();
  REQUIRE(peer.Send(Pattern(70)) == 70);
  peer.End();
  rig.RunFor(20);
  CHECK(rig.Count(CompletionKind::kEnd, id) == 0);
  rig.Resume(id);
  REQUIRE(RunUntilClosed(&rig, id, &peer));
  CHECK(rig.Received(id) == Pattern(70));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerEnd);
}

TEST_ON_EACH_IO("ending: what is submitted in the delivery of an end reaches that end") {
  Rig rig(io);
  rig.Listen();
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kOpen) rig.Write(event.id, "hello");
    if (event.kind == CompletionKind::kData) rig.Write(event.id, event.bytes);
    if (event.kind == CompletionKind::kEnd) {
      rig.Write(event.id, "bye");
      rig.End(event.id, DisconnectReason::kPeerEnd);
    }
  };
  Peer peer = rig.Connect();
  REQUIRE(peer.Send("+") == 1);
  peer.End();
  REQUIRE(rig.Run([&] { return peer.ended(); }, 3000, [&] { peer.Read(); }));
  CHECK(peer.received() == "hello+bye");
}

TEST_ON_EACH_IO("ending: a slot serves again only after its closed was delivered") {
  Rig rig(io, {.completions = 4});
  rig.Listen();
  rig.on_event = [&](const Event& event) {
    if (event.kind != CompletionKind::kOpen) return;
    rig.Destroy(event.id);
    rig.Flush();
  };
  std::vector<Peer> peers;
  for (int i = 0; i < 60; ++i) peers.push_back(rig.Connect());
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 60; }));
  CHECK(rig.ledger.opened() == 60);
}

TEST_ON_EACH_IO("ending: who leaves behind an end keeps its reason, and waits for nobody") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, "all there is");
  rig.End(id, DisconnectReason::kShutdown);
  rig.Leave(id);
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kShutdown);
  CHECK(rig.Closed(id)->Evidence("bytesWritten") == 12);
  peer.Read();
  CHECK(peer.ended());
  CHECK(peer.error() == 0);
}

TEST_ON_EACH_IO("ending: who leaves without an end under way has aborted") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Leave(id);
  REQUIRE(RunUntilClosed(&rig, id, &peer));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kLocalAbort);
}
