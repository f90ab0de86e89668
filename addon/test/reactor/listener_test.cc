// Listeners: closing, suspending, running out.

#include <doctest/doctest.h>
#include <errno.h>

#include <vector>

#include "support/descriptors.h"
#include "support/faults.h"
#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

std::vector<Peer> Connect(Rig* rig, size_t count) {
  std::vector<Peer> peers;
  for (size_t i = 0; i < count; ++i) peers.push_back(rig->Connect());
  return peers;
}

}  // namespace

TEST_ON_EACH_IO(
    "listener: a closed listener takes no more, and is forgotten with its last socket") {
  Rig rig(io);
  Listener& listener = rig.Listen();
  const ListenerId id = listener.id;
  const Address address = listener.address;
  Peer peer;
  const ConnectionId connection = rig.Accept(&peer);
  rig.reactor().CloseListener(id);
  rig.reactor().CloseListener(id);
  rig.RunFor(5);
  CHECK_FALSE(Peer(address).connected());
  REQUIRE(peer.Send("still open") == 10);
  REQUIRE(rig.Run([&] { return rig.Received(connection) == "still open"; }));
  CHECK(rig.reactor().FindListener(id) != nullptr);
  rig.Destroy(connection);
  REQUIRE(rig.Run([&] { return rig.reactor().FindListener(id) == nullptr; }));
}

TEST_ON_EACH_IO("listener: a listener without connections is forgotten at once") {
  Rig rig(io);
  const ListenerId id = rig.Listen().id;
  rig.reactor().CloseListener(id);
  CHECK(rig.reactor().FindListener(id) == nullptr);
}

TEST_ON_EACH_IO("listener: a port in use is an error, and leaves no listener behind") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.bind.address = rig.Listen().address;
  Listener* second = nullptr;
  const platform::Outcome outcome = rig.reactor().Listen(options, &second);
  CHECK(outcome.error == EADDRINUSE);
  CHECK(second == nullptr);
}

TEST_ON_EACH_IO("listener: what is unreferenced does not keep the loop alive") {
  Rig rig(io);
  Listener& listener = rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  CHECK(uv_loop_alive(rig.loop()) != 0);
  rig.reactor().SetListenerReferenced(listener, false);
  CHECK(uv_loop_alive(rig.loop()) != 0);
  rig.reactor().SetConnectionReferenced(*rig.Find(id), false);
  CHECK(uv_loop_alive(rig.loop()) == 0);
  rig.reactor().SetConnectionReferenced(*rig.Find(id), true);
  CHECK(uv_loop_alive(rig.loop()) != 0);
  rig.Destroy(id);
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
  CHECK(uv_loop_alive(rig.loop()) == 0);
}

TEST_ON_EACH_IO(
    "listener: out of descriptors, arrivals are reset and counted until there are some") {
  Rig rig(io);
  Listener& listener = rig.Listen();
  std::vector<Peer> peers = Connect(&rig, 3);
  {
    const NoMoreDescriptors scarce;
    REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kRefused) > 0; }));
    CHECK(listener.suspended == 0);
    CHECK(rig.events.front().words[1] == listener.id);
    CHECK(rig.events.front().words[2] == static_cast<uint32_t>(Refusal::kEmfile));
    CHECK(rig.events.front().words[3] == 3);
    CHECK(rig.events.front().words[4] == EMFILE);
    CHECK(rig.RunFor(90) < 20);
  }
  for (Peer& peer : peers) {
    peer.Read();
    CHECK(peer.error() == ECONNRESET);
  }
  const Peer later = rig.Connect();
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
}

TEST_CASE("listener: a suspended listener can be closed, and the reactor stopped, on epoll") {
  for (const bool closes : {true, false}) {
    CAPTURE(closes);
    Rig rig(IoKind::kEpoll);
    Listener& listener = rig.Listen();
    std::vector<Peer> peers = Connect(&rig, 1);
    {
      const Fault fault(Call::kAccept, ENOMEM);
      REQUIRE(rig.Run([&] { return listener.suspended == kBySystem; }));
    }
    if (closes) rig.reactor().CloseListener(listener.id);
    // Past the time when accepting would be tried again.
    usleep(150'000);
    rig.Stop();
  }
}

TEST_ON_EACH_IO("listener: closed by the first one it brought, with others at the door") {
  Rig rig(io, {.completions = 8});
  ListenerOptions options = Rig::Options();
  options.accept_budget = 1;
  const ListenerId id = rig.Listen(options).id;
  std::vector<Peer> peers = Connect(&rig, 20);
  rig.on_event = [&](const Event& event) {
    if (event.kind == CompletionKind::kOpen) rig.reactor().CloseListener(id);
    if (event.kind == CompletionKind::kEnd) rig.End(event.id, DisconnectReason::kPeerEnd);
  };
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  rig.RunFor(10);
  CHECK(rig.ledger.opened() == 1);
  for (Peer& peer : peers) peer.Close();
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 1; }));
  CHECK(rig.reactor().FindListener(id) == nullptr);
}

TEST_ON_EACH_IO("listener: opened inside of a delivery") {
  Rig rig(io);
  const Address first = rig.Listen().address;
  std::vector<Peer> peers(5);
  rig.on_event = [&](const Event& event) {
    if (event.kind != CompletionKind::kOpen || rig.ledger.opened() == 5) return;
    rig.Listen();
    peers[rig.ledger.opened()] = rig.Connect();
  };
  peers[0] = Peer(first);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 5; }));
}
