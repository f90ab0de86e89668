// Listeners, and what arrives at them.

#include <doctest/doctest.h>
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

std::vector<Peer> Connect(Rig* rig, size_t count) {
  std::vector<Peer> peers;
  for (size_t i = 0; i < count; ++i) peers.push_back(rig->Connect());
  return peers;
}

platform::Keepalive SomeKeepalive() {
  platform::Keepalive keepalive;
  keepalive.enabled = true;
  keepalive.idle_ms = 61'000;
  keepalive.interval_ms = 11'000;
  keepalive.count = 7;
  return keepalive;
}

// No descriptor beyond those that are open now, until it goes out of scope.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(0);
    close(next);
    const rlimit now = {static_cast<rlim_t>(next), before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~NoMoreDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_;
};

}  // namespace

TEST_ON_EACH_IO("arrivals: no batch opens more than the budget, and all are opened in the end") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.accept_budget = 7;
  rig.Listen(options);
  size_t opened_before = 0;
  size_t most = 0;
  rig.on_batch = [&](uint32_t) {
    most = std::max(most, rig.ledger.opened() - opened_before);
    opened_before = rig.ledger.opened();
  };
  const std::vector<Peer> peers = Connect(&rig, 100);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 100; }));
  CHECK(most <= 7);
  CHECK(most > 0);
}

TEST_ON_EACH_IO("arrivals: a batch with little room takes as many as fit, the rest later") {
  for (const uint32_t completions : {1u, 2u, 5u, 64u}) {
    CAPTURE(completions);
    Rig rig(io, {.completions = completions});
    rig.Listen();
    const std::vector<Peer> peers = Connect(&rig, 70);
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == 70; }));
  }
}

TEST_ON_EACH_IO("arrivals: two listeners share the room, and each knows its own") {
  Rig rig(io, {.completions = 8});
  const Listener& first = rig.Listen();
  const Listener& second = rig.Listen();
  CHECK(first.id != second.id);
  std::vector<Peer> peers;
  for (int i = 0; i < 40; ++i) peers.emplace_back(i % 2 == 0 ? first.address : second.address);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 40; }));
  size_t of_first = 0;
  for (const Event& event : rig.events) of_first += event.words[3] == first.id;
  CHECK(of_first == 20);
  CHECK(first.connections == 20);
  CHECK(second.connections == 20);
}

TEST_ON_EACH_IO(
    "arrivals: a closed listener takes no more, and is forgotten with its last socket") {
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

TEST_ON_EACH_IO("arrivals: a listener without connections is forgotten at once") {
  Rig rig(io);
  const ListenerId id = rig.Listen().id;
  rig.reactor().CloseListener(id);
  CHECK(rig.reactor().FindListener(id) == nullptr);
}

TEST_ON_EACH_IO("arrivals: a port in use is an error, and leaves no listener behind") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.bind.address = rig.Listen().address;
  Listener* second = nullptr;
  const platform::Outcome outcome = rig.reactor().Listen(options, &second);
  CHECK(outcome.error == EADDRINUSE);
  CHECK(second == nullptr);
}

TEST_ON_EACH_IO("arrivals: keepalive is inherited, and verified on the first one") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.keepalive = SomeKeepalive();
  Listener& listener = rig.Listen(options);
  CHECK(listener.inheritance == Inheritance::kUnverified);
  CHECK(listener.in_force.idle_ms == 61'000);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  CHECK(listener.inheritance == Inheritance::kVerified);
  CHECK_FALSE(listener.SetsPerSocket());
  const platform::Keepalive found = platform::ReadKeepalive(rig.Find(id)->socket.fd);
  CHECK(found == listener.in_force);
  CHECK(found.enabled);
  CHECK(found.count == 7);
}

TEST_ON_EACH_IO("arrivals: without inheritance each socket gets its keepalive") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.keepalive = SomeKeepalive();
  options.inherit = false;
  rig.Listen(options);
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  const platform::Keepalive found = platform::ReadKeepalive(rig.Find(id)->socket.fd);
  CHECK(found.enabled);
  CHECK(found.interval_ms == 11'000);
}

// The loop may have slept for hours when the first one comes.
TEST_ON_EACH_IO("arrivals: the life of a connection starts when it arrives") {
  Rig rig(io);
  const Address address = rig.Listen().address;
  rig.RunFor(5);
  Peer peer;
  std::thread later([&] {
    usleep(300'000);
    peer = Peer(address);
  });
  CHECK(rig.Run([&] { return rig.ledger.opened() == 1; }));
  later.join();
  REQUIRE(rig.ledger.opened() == 1);
  const ConnectionId id = rig.events.front().id;
  rig.Destroy(id);
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
  CHECK(rig.Closed(id)->Evidence("durationMs") < 100);
}

TEST_ON_EACH_IO("arrivals: what is unreferenced does not keep the loop alive") {
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

TEST_CASE("arrivals: out of descriptors, arrivals wait and are taken later, on epoll") {
  Rig rig(IoKind::kEpoll);
  Listener& listener = rig.Listen();
  std::vector<Peer> peers = Connect(&rig, 3);
  {
    const NoMoreDescriptors scarce;
    REQUIRE(rig.Run([&] { return rig.Count(CompletionKind::kRefused) > 0; }));
    CHECK(listener.state == ListenerState::kSuspended);
    CHECK(rig.events.front().words[1] == listener.id);
    CHECK(rig.events.front().words[2] == static_cast<uint32_t>(Refusal::kEmfile));
    CHECK(rig.events.front().words[4] == EMFILE);
    CHECK(rig.RunFor(90) < 20);
  }
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 3; }));
  CHECK(listener.state == ListenerState::kListening);
}

TEST_CASE("arrivals: a suspended listener can be closed, and the reactor stopped, on epoll") {
  for (const bool closes : {true, false}) {
    CAPTURE(closes);
    Rig rig(IoKind::kEpoll);
    Listener& listener = rig.Listen();
    std::vector<Peer> peers = Connect(&rig, 1);
    {
      const NoMoreDescriptors scarce;
      REQUIRE(rig.Run([&] { return listener.state == ListenerState::kSuspended; }));
    }
    if (closes) rig.reactor().CloseListener(listener.id);
    // Past the time when accepting would be tried again.
    usleep(150'000);
    rig.Stop();
  }
}
