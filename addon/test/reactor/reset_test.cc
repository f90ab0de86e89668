// Connections that are cut off, by either side.

#include <doctest/doctest.h>
#include <errno.h>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

bool RunUntilClosed(Rig* rig, ConnectionId id, Peer* peer = nullptr) {
  return rig->Run([=] { return rig->Closed(id) != nullptr; }, 3000,
                  [=] {
                    if (peer != nullptr) peer->Read();
                  });
}

}  // namespace

TEST_ON_EACH_IO("reset: a destroy drops what is queued, and says how much") {
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, Pattern(4'000'000));
  rig.Flush();
  const uint32_t queued = rig.QueuedBytes(id);
  CHECK(queued > 0);
  rig.Destroy(id, DisconnectReason::kSlowConsumer);
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kSlowConsumer);
  CHECK(rig.Closed(id)->Evidence("bytesUnsent") == queued);
  CHECK(rig.Closed(id)->Evidence("bytesWritten") == 4'000'000 - queued);
}

TEST_ON_EACH_IO("reset: a destroy closes orderly, a reset does not") {
  for (const bool reset : {false, true}) {
    CAPTURE(reset);
    Rig rig(io);
    rig.Listen();
    Peer peer;
    const ConnectionId id = rig.Accept(&peer);
    rig.Destroy(id, DisconnectReason::kLocalAbort, reset);
    REQUIRE(RunUntilClosed(&rig, id));
    CHECK(rig.Closed(id)->reason() == DisconnectReason::kLocalAbort);
    REQUIRE(rig.Run([&] { return peer.ended() || peer.error() != 0; }, 2000, [&] { peer.Read(); }));
    CHECK(peer.error() == (reset ? ECONNRESET : 0));
  }
}

TEST_ON_EACH_IO("reset: a destroy of a connection that drains ends it at once") {
  Rig rig(io);
  ShrinkSendBuffer(rig.Listen());
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, Pattern(4'000'000));
  rig.End(id, DisconnectReason::kShutdown);
  rig.RunFor(10);
  CHECK(rig.Closed(id) == nullptr);
  rig.Destroy(id, DisconnectReason::kShutdown);
  rig.Destroy(id, DisconnectReason::kLocalAbort);
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kShutdown);
}

TEST_ON_EACH_IO("reset: a reset is peer-reset, after the bytes that came before it") {
  Rig rig(io);
  rig.Listen();
  Peer peer = rig.Connect();
  REQUIRE(peer.Send(Pattern(50'000)) == 50'000);
  peer.Reset();
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 1; }));
  const ConnectionId id = rig.events.front().id;
  CHECK(rig.Received(id) == Pattern(50'000));
  CHECK(rig.Count(CompletionKind::kEnd, id) == 0);
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerReset);
  CHECK(rig.Closed(id)->error() == ECONNRESET);
}

TEST_ON_EACH_IO("reset: a write that finds a reset does not swallow the bytes before it") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  REQUIRE(peer.Send(Pattern(30'000)) == 30'000);
  peer.Reset();
  rig.Write(id, "into the void");
  rig.Flush();
  rig.Write(id, "again");
  rig.Flush();
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Received(id) == Pattern(30'000));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerReset);
  CHECK(rig.Closed(id)->error() == ECONNRESET);
  CHECK(rig.Count(CompletionKind::kEnd, id) == 0);
}

TEST_ON_EACH_IO("reset: a reset with a blocked write does not swallow the bytes before it") {
  // The bytes take several batches.
  Rig rig(io, {.receive_slab_bytes = 4096});
  ShrinkSendBuffer(rig.Listen());
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Write(id, Pattern(4'000'000));
  rig.RunFor(5);
  REQUIRE(peer.Send(Pattern(30'000)) == 30'000);
  peer.Reset();
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Received(id) == Pattern(30'000));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerReset);
  CHECK(rig.Closed(id)->Evidence("bytesUnsent") > 0);
}

TEST_ON_EACH_IO("reset: a paused connection reports its reset, and what was left unread") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  rig.Pause(id);
  rig.Flush();
  REQUIRE(peer.Send(Pattern(700)) == 700);
  peer.Reset();
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerReset);
  CHECK(rig.Closed(id)->Evidence("bytesUnread") == 700);
  CHECK(rig.Received(id).empty());
}

TEST_ON_EACH_IO("reset: a reset after the peer's FIN is reported although nothing is read") {
  Rig rig(io);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  peer.End();
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kEnd, id) == 1; }));
  peer.Close();
  rig.Write(id, "nobody there");
  REQUIRE(RunUntilClosed(&rig, id));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kPeerReset);
  CHECK(rig.Closed(id)->error() == EPIPE);
}
