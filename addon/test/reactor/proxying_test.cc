// Clients behind a proxy: who they are is read before anybody is told of them.

#include <doctest/doctest.h>
#include <errno.h>

#include <cstring>

#include "net/proxy_header.h"
#include "support/proxied.h"

using namespace holdfast;
using namespace holdfast::test;
using namespace std::string_literals;

TEST_ON_EACH_IO("proxying: the address of the client is the one the header tells") {
  Rig rig(io);
  rig.Listen(Proxied());
  for (const std::string& header : {V1Client(7), V2Client(7), V2Client(7, Tlv(5, "unique"))}) {
    const size_t opened = rig.ledger.opened();
    Peer peer = Send(&rig, header + "hello");
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == opened + 1; }));
    const Event open = LastOpened(rig);
    CHECK(Remote(&rig, open.id) == "192.0.2.7 4660");
    REQUIRE(open.bytes.size() == kOpenPeerBytes + header.size());
    CHECK(open.bytes.substr(kOpenPeerBytes) == header);
    CHECK(open.bytes.substr(0, 4) == "\x7f\0\0\x01"s);
    CHECK(static_cast<uint8_t>(open.bytes[16]) == peer.port() >> 8);
    CHECK(static_cast<uint8_t>(open.bytes[17]) == (peer.port() & 0xff));
    CHECK(open.bytes[18] == 4);
    REQUIRE(rig.Run([&] { return rig.Received(open.id) == "hello"; }));
    CHECK(rig.Find(open.id)->bytes_read == 5);
    // Served like any other from here on.
    peer.Send(" again");
    REQUIRE(rig.Run([&] { return rig.Received(open.id) == "hello again"; }));
    peer.End();
    rig.on_event = [&](const Event& event) {
      if (event.kind == CompletionKind::kEnd) rig.End(event.id);
    };
    REQUIRE(rig.Run([&] { return rig.Closed(open.id) != nullptr; }));
    CHECK(rig.Closed(open.id)->reason() == DisconnectReason::kPeerEnd);
    CHECK(rig.Closed(open.id)->Evidence("remotePort") == 4660);
    CHECK(rig.Closed(open.id)->Evidence("bytesRead") == 11);
  }
}

TEST_ON_EACH_IO("proxying: a header may come in any two parts, and not a byte is lost") {
  Rig rig(io);
  rig.Listen(Proxied());
  for (const std::string& header : {V1Client(7), V2Client(7, Tlv(5, "unique"))}) {
    const std::string sent = header + "hello";
    for (size_t cut = 1; cut < sent.size(); ++cut) {
      CAPTURE(cut);
      const size_t opened = rig.ledger.opened();
      Peer peer = Send(&rig, sent.substr(0, cut));
      // Whoever came before it has been read when this one is there.
      Peer other = Send(&rig, V1Client(8));
      const size_t whole = cut >= header.size() ? 2 : 1;
      REQUIRE(rig.Run([&] { return rig.ledger.opened() == opened + whole; }));
      peer.Send(sent.substr(cut));
      REQUIRE(rig.Run([&] { return rig.ledger.opened() == opened + 2; }));
      ConnectionId id;
      for (const Event& event : rig.events) {
        if (event.kind == CompletionKind::kOpen && event.bytes.size() > kOpenPeerBytes &&
            event.bytes.substr(kOpenPeerBytes) == header && rig.ledger.IsOpen(event.id)) {
          if (rig.Find(event.id)->peer.bytes[3] == 7) id = event.id;
        }
      }
      REQUIRE(rig.Run([&] { return rig.Received(id) == "hello"; }));
      rig.events.clear();
    }
  }
}

TEST_ON_EACH_IO("proxying: the longest header, in pieces, through a batch that is nearly full") {
  // With room for one such header, and little else.
  Rig rig(io, {.completions = 4, .receive_slab_bytes = 6000});
  ListenerOptions options = Proxied();
  options.read_chunk_bytes = 1000;
  rig.Listen(options);
  const std::string header = V2Client(7, Tlv(0xe0, Pattern(4096 - 12 - 3)));
  REQUIRE(header.size() == kProxyHeaderBytesMost);
  std::vector<Peer> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(Send(&rig, header + Pattern(3000)));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 20; }));
  for (const Event& event : std::vector<Event>(rig.events)) {
    if (event.kind != CompletionKind::kOpen) continue;
    CHECK(event.bytes.substr(kOpenPeerBytes) == header);
    REQUIRE(rig.Run([&] { return rig.Received(event.id).size() == 3000; }));
    CHECK(rig.Received(event.id) == Pattern(3000));
  }
}

TEST_ON_EACH_IO("proxying: LOCAL and UNKNOWN open with the socket's own address") {
  Rig rig(io);
  rig.Listen(Proxied());
  for (const std::string& header :
       {V2(kLocal, 0, ""), V2(kLocal, kTcp4, std::string(12, '\x01')), V2(kLocal, kTcp4, ""),
        V2(kLocal, 0x41, ""), V2(kLocal, 0, "\xff\xff\xff\xff"), "PROXY UNKNOWN\r\n"s}) {
    const size_t opened = rig.ledger.opened();
    Peer peer = Send(&rig, header);
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == opened + 1; }));
    CHECK(Remote(&rig, LastOpened(rig).id) == "127.0.0.1 " + std::to_string(peer.port()));
    CHECK(LastOpened(rig).bytes.size() == kOpenPeerBytes + header.size());
  }
}

TEST_ON_EACH_IO("proxying: a peer that is no proxy is a client itself, and its bytes are data") {
  Rig rig(io);
  ListenerOptions options = Proxied();
  options.proxy.from = {NetworkOf("10.0.0.0", 8)};
  rig.Listen(options);
  Peer peer = Send(&rig, V1Client(7));
  REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kData) == 1; }));
  const Event& open = LastOpened(rig);
  CHECK(open.bytes.empty());
  CHECK(Remote(&rig, open.id) == "127.0.0.1 " + std::to_string(peer.port()));
  CHECK(rig.Received(open.id) == V1Client(7));
}

TEST_ON_EACH_IO("proxying: a peer that is no proxy is refused where only proxies may come") {
  Rig rig(io);
  ListenerOptions options = Proxied();
  options.proxy.from = {NetworkOf("10.0.0.0", 8)};
  options.proxy.deny_others = true;
  rig.Listen(options);
  Peer peer = Send(&rig, V1Client(7));
  REQUIRE(
      rig.Run([&] { return Refused(rig) == 1 && peer.error() != 0; }, 2000, [&] { peer.Read(); }));
  CHECK(peer.error() == ECONNRESET);
  CHECK(rig.ledger.opened() == 0);
}

TEST_ON_EACH_IO("proxying: limits and rules see the client, not the proxy") {
  Rig rig(io);
  ListenerOptions options = Proxied();
  options.admission.connections_per_address = 1;
  options.admission.rules = {{NetworkOf("192.0.2.9", 32), true, 0},
                             {NetworkOf("127.0.0.0", 8), true, 0}};
  rig.Listen(options);
  Peer first = Send(&rig, V1Client(1));
  Peer other = Send(&rig, V2Client(2));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 2; }));
  Peer again = Send(&rig, V2Client(1) + "early");
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kPerAddress) == 1 && again.error() != 0; },
                  2000, [&] { again.Read(); }));
  CHECK(again.error() == ECONNRESET);
  Peer denied = Send(&rig, V1Client(9));
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kBlocked) == 1; }));
  // Its own address counts where the header names no other.
  Peer local = Send(&rig, "PROXY UNKNOWN\r\n");
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kBlocked) == 2; }));
  CHECK(rig.ledger.opened() == 2);
  // A place that was left is free for the same client.
  for (const Event& event : std::vector<Event>(rig.events)) {
    if (event.kind == CompletionKind::kOpen) rig.Destroy(event.id);
  }
  rig.Flush();
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 2; }));
  Peer back = Send(&rig, V1Client(1));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 3; }));
  CHECK(rig.listener().admission->inside() == 1);
}

TEST_ON_EACH_IO("proxying: a client that is refused is told why before the end") {
  Rig rig(io);
  ListenerOptions options = Proxied();
  options.admission.connections = 1;
  options.when_full = Consequence::kMessage;
  options.refusal_message = "full\n";
  rig.Listen(options);
  Peer first = Send(&rig, V1Client(1));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  Peer second = Send(&rig, V1Client(2));
  REQUIRE(rig.Run([&] { return second.ended(); }, 2000, [&] { second.Read(); }));
  CHECK(second.received() == "full\n");
  CHECK(second.error() == 0);
  CHECK(Refused(rig, Refusal::kMaxConnections) == 1);
}

TEST_ON_EACH_IO("proxying: what a client may send does not count the header") {
  Rig rig(io);
  ListenerOptions options = Proxied();
  options.intake.bytes = {1000, 10};
  options.intake.ends_fast = true;
  rig.Listen(options);
  Peer peer = Send(&rig, V2Client(7, Tlv(0xe0, Pattern(500))) + "0123456789");
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  const ConnectionId id = LastOpened(rig).id;
  REQUIRE(rig.Run([&] { return rig.Received(id) == "0123456789"; }));
  CHECK(rig.ledger.IsOpen(id));
}

TEST_ON_EACH_IO("proxying: the clocks of a client start when it opens") {
  Rig rig(io);
  ListenerOptions options = Proxied(5000);
  options.deadlines.idle_ms = 200;
  options.deadlines.handshake_ms = 300;
  rig.Listen(options);
  Peer peer = Send(&rig, V1Client(7).substr(0, 20));
  rig.RunFor(400);  // longer than either, neither of which is its own yet
  CHECK(Refused(rig) == 0);
  peer.Send(V1Client(7).substr(20));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  const uint64_t opened_ms = uv_now(rig.loop());
  const ConnectionId id = LastOpened(rig).id;
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kIdleTimeout);
  CHECK(uv_now(rig.loop()) - opened_ms >= 199);
  CHECK(rig.Closed(id)->Evidence("durationMs") >= 199);
}

TEST_ON_EACH_IO("proxying: one whose header is awaited is nobody to the host") {
  Rig rig(io);
  Listener& listener = rig.Listen(Proxied());
  Peer waiting = Send(&rig, "PROXY ");
  Peer other = Send(&rig, V1Client(1));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  CHECK(listener.headers_awaited == 1);
  CHECK(listener.arrived == 2);
  CHECK(listener.ArrivedTold() == 1);
  std::vector<double> rows(size_t{listener.connections} * kSocketRowWords);
  CHECK(rig.reactor().InspectAll(listener, rows) == 1);
  // Both slots serve for the first time, so this would be the id of the one that waits.
  const uint32_t slot = LastOpened(rig).id.slot == 0 ? 1 : 0;
  CHECK(rig.Find({slot, 1}) == nullptr);
  rig.Destroy({slot, 1});
  rig.Flush();
  waiting.Send(V1Client(2).substr(6));
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 2; }));
}
