// Clients behind a proxy that are not let in, and doors that close while some wait.

#include <doctest/doctest.h>
#include <errno.h>

#include "support/proxied.h"

using namespace holdfast;
using namespace holdfast::test;
using namespace std::string_literals;

namespace {

bool IsDrained(const Rig& rig) {
  return rig.Count(CompletionKind::kDrained) == 1;
}

// Their sockets are closed, and their slots free.
bool NobodyIsLeft(const Rig& rig) {
  return rig.listener().headers_awaited == 0 && rig.listener().connections == 0;
}

}  // namespace

TEST_ON_EACH_IO("proxying: a malformed header is reset and counted, and nobody opened") {
  Rig rig(io);
  rig.Listen(Proxied());
  uint32_t refused = 0;
  for (const std::string& header :
       {"GET / HTTP/1.1\r\n\r\n"s, "PROXY TCP4 nonsense\r\n"s, V2(0x31, 0x11, "x"),
        V2Client(7, "\x05"), V2Client(7, Tlv(3, "sum!"))}) {
    Peer peer = Send(&rig, header);
    ++refused;
    REQUIRE(rig.Run([&] { return Refused(rig) == refused && peer.error() != 0; }, 2000,
                    [&] { peer.Read(); }));
    CHECK(peer.error() == ECONNRESET);
  }
  CHECK(rig.ledger.opened() == 0);
  CHECK(rig.Run([&] { return NobodyIsLeft(rig); }));
}

TEST_ON_EACH_IO("proxying: a peer that ends or resets before its header is complete is refused") {
  Rig rig(io);
  rig.Listen(Proxied());
  const std::string part = V1Client(7).substr(0, 20);
  Peer silent = rig.Connect();
  silent.End();
  Peer halfway = Send(&rig, part);
  halfway.End();
  REQUIRE(rig.Run([&] { return Refused(rig) == 2; }));
  Peer resets = Send(&rig, part);
  Peer other = Send(&rig, V1Client(8));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  resets.Reset();
  REQUIRE(rig.Run([&] { return Refused(rig) == 3; }));
  CHECK(rig.Count(CompletionKind::kClosed) == 0);
  CHECK(rig.Count(CompletionKind::kEnd) == 0);
}

TEST_ON_EACH_IO("proxying: an end right behind the header is the client's") {
  Rig rig(io);
  rig.Listen(Proxied());
  Peer peer = Send(&rig, V1Client(7) + "bye");
  peer.End();
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kEnd) == 1; }));
  CHECK(rig.Received(LastOpened(rig).id) == "bye");
}

TEST_ON_EACH_IO("proxying: a header that does not come in time is refused, and not before") {
  Rig rig(io);
  rig.Listen(Proxied(300));
  uv_update_time(rig.loop());
  const uint64_t began_ms = uv_now(rig.loop());
  Peer silent = rig.Connect();
  Peer slow = Send(&rig, "PROXY TCP4");
  // Its bytes do not buy it time.
  bool sent = false;
  REQUIRE(rig.Run([&] { return Refused(rig) == 2; }, 5000,
                  [&] {
                    if (!sent && uv_now(rig.loop()) >= began_ms + 150)
                      sent = slow.Send(" 192.0.2.7") > 0;
                  }));
  CHECK(uv_now(rig.loop()) - began_ms >= 299);
  CHECK(sent);
}

TEST_ON_EACH_IO("proxying: no more may wait than connections are allowed") {
  Rig rig(io);
  ListenerOptions options = Proxied();
  options.admission.connections = 2;
  options.when_full = Consequence::kReset;
  Listener& listener = rig.Listen(options);
  std::vector<Peer> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(rig.Connect());
  REQUIRE(rig.Run([&] { return Refused(rig) == 3; }));
  CHECK(listener.headers_awaited == 2);
  int reset = 0;
  for (Peer& peer : waiting) {
    peer.Read();
    if (peer.error() == ECONNRESET) {
      ++reset;
    } else {
      peer.Send(V1Client(static_cast<uint8_t>(reset)));
    }
  }
  CHECK(reset == 3);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 2; }));
  // They hold no place meanwhile: it is full when the header is there.
  Peer late = Send(&rig, V1Client(9));
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kMaxConnections) == 1; }));
}

TEST_ON_EACH_IO("proxying: many that send nothing are accepted, a few in each turn") {
  Rig rig(io);
  ListenerOptions options = Proxied();
  options.accept_budget = 2;
  Listener& listener = rig.Listen(options);
  std::vector<Peer> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(rig.Connect());
  REQUIRE(rig.Run([&] { return listener.headers_awaited == 20; }));
  CHECK(rig.deliveries == 0);
  Peer peer = Send(&rig, V1Client(1));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
}

TEST_ON_EACH_IO("proxying: one that waits has a slot, and is refused where there is none") {
  Rig rig(io, {.connections = 1});
  rig.Listen(Proxied());
  Peer waiting = rig.Connect();
  REQUIRE(rig.Run([&] { return rig.listener().headers_awaited == 1; }));
  Peer other = rig.Connect();
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kMaxConnections) == 1; }));
  waiting.Reset();
  REQUIRE(rig.Run([&] { return Refused(rig) == 1 && NobodyIsLeft(rig); }));
  Peer next = Send(&rig, V1Client(1));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
}

TEST_ON_EACH_IO("proxying: who waits when a listener is closed is refused") {
  Rig rig(io);
  Listener& listener = rig.Listen(Proxied());
  Peer open = Send(&rig, V1Client(1));
  Peer waiting = Send(&rig, "PROXY ");
  Peer silent = rig.Connect();
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1 && listener.headers_awaited == 2; }));
  rig.reactor().CloseListener(listener.id);
  REQUIRE(rig.Run([&] { return Refused(rig) == 2; }));
  rig.Destroy(LastOpened(rig).id);
  rig.Flush();
  const ListenerId id = listener.id;
  REQUIRE(rig.Run([&] { return rig.reactor().FindListener(id) == nullptr; }));
}

TEST_ON_EACH_IO(
    "proxying: while a listener drains, headers have the grace, and the rest is refused") {
  Rig rig(io);
  Listener& listener = rig.Listen(Proxied(60'000));
  const ListenerId id = listener.id;
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kOpen) rig.End(event.id, DisconnectReason::kShutdown);
    if (event.kind == CompletionKind::kEnd) rig.End(event.id, DisconnectReason::kShutdown);
  };
  Peer in_time = Send(&rig, "PROXY ");
  Peer never = Send(&rig, "PROXY ");
  Peer silent = rig.Connect();
  REQUIRE(rig.Run([&] { return listener.headers_awaited == 3; }));
  uv_update_time(rig.loop());
  const uint64_t began_ms = uv_now(rig.loop());
  rig.reactor().DrainListener(listener, 200);
  bool sent = false;
  REQUIRE(rig.Run([&] { return IsDrained(rig); }, 5000,
                  [&] {
                    if (!sent && uv_now(rig.loop()) >= began_ms + 60) {
                      sent = in_time.Send(V1Client(7).substr(6)) > 0;
                    }
                  }));
  // The ledger complains of what comes behind `drained`.
  CHECK(uv_now(rig.loop()) - began_ms >= 199);
  CHECK(uv_now(rig.loop()) - began_ms < 2000);
  CHECK(rig.ledger.opened() == 1);
  CHECK(Refused(rig) == 2);
  in_time.End();
  REQUIRE(rig.Run([&] { return rig.reactor().FindListener(id) == nullptr; }));
}

TEST_ON_EACH_IO("proxying: who waits at the door of a suspended listener that drains is let in") {
  Rig rig(io);
  Listener& listener = rig.Listen(Proxied(60'000));
  rig.reactor().SuspendListener(listener);
  std::vector<Peer> peers;
  for (uint8_t i = 0; i < 20; ++i) peers.push_back(Send(&rig, V1Client(i)));
  Peer silent = rig.Connect();
  rig.reactor().DrainListener(listener, 0);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }));
  CHECK(rig.ledger.opened() == 20);
  CHECK(Refused(rig) == 1);
}

TEST_ON_EACH_IO("proxying: a drain that waits for a header alone lets the process sleep") {
  Rig rig(io);
  Listener& listener = rig.Listen(Proxied(60'000));
  Peer early = rig.Connect();
  REQUIRE(rig.Run([&] { return listener.headers_awaited == 1; }));
  rig.reactor().DrainListener(listener, 100);
  // Handshakes begin no more, so this one came before; it is accepted at the last call at the
  // latest.
  REQUIRE(rig.Run([&] { return listener.grace_over_ms.has_value(); }));
  uint64_t rounds = 0;
  while (!IsDrained(rig) && rounds < 10'000) {
    uv_run(rig.loop(), UV_RUN_ONCE);
    ++rounds;
  }
  CHECK(IsDrained(rig));
  CHECK(rounds < 50);
}

TEST_ON_EACH_IO("proxying: one that waits does not keep the process alive, its listener does") {
  Rig rig(io);
  Listener& listener = rig.Listen(Proxied());
  Peer waiting = rig.Connect();
  REQUIRE(rig.Run([&] { return listener.headers_awaited == 1; }));
  CHECK(uv_loop_alive(rig.loop()) != 0);
  rig.reactor().SetListenerReferenced(listener, false);
  CHECK(uv_loop_alive(rig.loop()) == 0);
  waiting.Send(V1Client(1));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  CHECK(uv_loop_alive(rig.loop()) != 0);
}

TEST_ON_EACH_IO("proxying: a stop does not wait for headers") {
  Rig rig(io);
  Listener& listener = rig.Listen(Proxied());
  std::vector<Peer> peers;
  for (int i = 0; i < 10; ++i) peers.push_back(Send(&rig, i % 2 ? "PROXY " : V1Client(1)));
  REQUIRE(rig.Run([&] { return listener.headers_awaited == 5 && rig.ledger.opened() == 5; }));
  rig.Stop();
}
