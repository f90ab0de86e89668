// Limits on who may come, and what becomes of the others.

#include <doctest/doctest.h>
#include <errno.h>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

ListenerOptions With(const AdmissionOptions& admission, Consequence when_full) {
  ListenerOptions options = Rig::Options();
  options.admission = admission;
  options.when_full = when_full;
  return options;
}

std::vector<Peer> Connect(Rig* rig, int count) {
  std::vector<Peer> peers;
  for (int i = 0; i < count; ++i) peers.push_back(rig->Connect());
  return peers;
}

// Of all reports of that cause together.
uint32_t Refused(const Rig& rig, Refusal cause) {
  uint32_t sum = 0;
  for (const Event& event : rig.events) {
    if (event.kind != CompletionKind::kRefused) continue;
    if (event.words[2] == static_cast<uint32_t>(cause)) sum += event.words[3];
  }
  return sum;
}

}  // namespace

TEST_ON_EACH_IO(
    "admitting: a full listener lets arrivals wait, and takes one for each that leaves") {
  Rig rig(io);
  Listener& listener = rig.Listen(With({.connections = 3}, Consequence::kSuspend));
  std::vector<Peer> peers = Connect(&rig, 8);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 3; }));
  rig.RunFor(50);
  CHECK(rig.ledger.opened() == 3);
  CHECK(listener.suspended == kByLimit);
  for (uint32_t gone = 1; gone <= 5; ++gone) {
    const auto opened = [&](const Event& event) { return event.kind == CompletionKind::kOpen; };
    size_t seen = 0;
    for (const Event& event : rig.events) {
      if (opened(event) && ++seen == gone) {
        rig.Destroy(event.id);
        break;
      }
    }
    rig.Flush();
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == 3 + gone; }));
    CHECK(rig.ledger.opened() - rig.ledger.closed() == 3);
  }
  CHECK(rig.Count(CompletionKind::kRefused) == 0);
}

TEST_ON_EACH_IO("admitting: a full listener resets arrivals when told so, and counts each once") {
  Rig rig(io);
  rig.Listen(With({.connections = 3}, Consequence::kReset));
  std::vector<Peer> peers = Connect(&rig, 8);
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kMaxConnections) == 5; }));
  CHECK(rig.ledger.opened() == 3);
  int resets = 0;
  for (Peer& peer : peers) {
    peer.Read();
    resets += peer.error() == ECONNRESET;
  }
  CHECK(resets == 5);
}

TEST_ON_EACH_IO("admitting: a refused client is told why before the end, when there is a message") {
  Rig rig(io);
  ListenerOptions options = With({.connections = 1}, Consequence::kMessage);
  options.refusal_message = "full\n";
  rig.Listen(options);
  Peer first = rig.Connect();
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  Peer second = rig.Connect();
  REQUIRE(rig.Run([&] { return second.ended(); }, 2000, [&] { second.Read(); }));
  CHECK(second.received() == "full\n");
  CHECK(second.error() == 0);
}

TEST_ON_EACH_IO("admitting: the limit per address resets, and counts places that are left") {
  Rig rig(io);
  rig.Listen(With({.connections_per_address = 2}, Consequence::kSuspend));
  std::vector<Peer> peers = Connect(&rig, 4);
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kPerAddress) == 2; }));
  CHECK(rig.ledger.opened() == 2);
  rig.Destroy(rig.events.front().id);
  rig.Flush();
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 1; }));
  const Peer next = rig.Connect();
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 3; }));
}

TEST_ON_EACH_IO("admitting: a rate lets a burst in, and the rest wait for their turn") {
  Rig rig(io);
  rig.Listen(With({.rate = {20, 2}}, Consequence::kSuspend));
  const std::vector<Peer> peers = Connect(&rig, 6);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() >= 1; }));
  const uint64_t begin_ms = rig.Find(rig.events.front().id)->opened_ms;
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 6; }));
  // Two of the burst, and four at 20 a second.
  CHECK(uv_now(rig.loop()) - begin_ms >= 4 * 50);
  CHECK(rig.Count(CompletionKind::kRefused) == 0);
}

TEST_ON_EACH_IO("admitting: whom a rule denies is reset") {
  Rig rig(io);
  Address loopback;
  REQUIRE(ParseAddress("127.0.0.0", 4, 0, &loopback));
  rig.Listen(With({.rules = {{PrefixOf(loopback, 8, 0), true, 0}}}, Consequence::kSuspend));
  std::vector<Peer> peers = Connect(&rig, 2);
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kBlocked) == 2; }));
  CHECK(rig.ledger.opened() == 0);
}

TEST_ON_EACH_IO(
    "admitting: a listener that the host suspends lets arrivals wait until it resumes") {
  Rig rig(io);
  Listener& listener = rig.Listen();
  rig.reactor().SuspendListener(listener);
  const std::vector<Peer> peers = Connect(&rig, 3);
  rig.RunFor(50);
  CHECK(rig.ledger.opened() == 0);
  rig.reactor().ResumeListener(listener);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 3; }));
}

TEST_ON_EACH_IO("admitting: a storm of refusals is told in few records") {
  Rig rig(io);
  ListenerOptions options = With({.connections = 1}, Consequence::kReset);
  options.accept_budget = 256;
  rig.Listen(options);
  for (int wave = 0; wave < 10; ++wave) {
    const std::vector<Peer> peers = Connect(&rig, 100);
    const uint32_t expected = static_cast<uint32_t>(wave + 1) * 100 - 1;
    REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kMaxConnections) == expected; }));
  }
  CHECK(rig.ledger.opened() == 1);
  CHECK(rig.Count(CompletionKind::kRefused) < 500);
}

// Its arrival is admitted, which makes the listener full, and then finds no slot.
TEST_ON_EACH_IO("admitting: a listener that found no slot for its last place is open again") {
  Rig rig(io, {.connections = 1});
  rig.Listen();
  Peer first;
  const ConnectionId other = rig.Accept(&first);
  Listener& listener = rig.Listen(With({.connections = 1}, Consequence::kSuspend));
  const Peer refused = rig.Connect();
  REQUIRE(rig.Run([&] { return Refused(rig, Refusal::kMaxConnections) == 1; }));
  CHECK(listener.suspended == 0);
  rig.Destroy(other);
  REQUIRE(rig.Run([&] { return rig.Closed(other) != nullptr; }));
  Peer second;
  rig.Accept(&second);
}

// The batch is full of others' data when arrivals are refused, and the host closes the listener
// before it is told of them.
TEST_ON_EACH_IO("admitting: whom a listener refused is told also after it was closed") {
  Rig rig(io, {.completions = 2});
  rig.Listen();
  Peer busy[2];
  for (Peer& peer : busy) rig.Accept(&peer);
  Listener& listener = rig.Listen(With({.deny_others = true}, Consequence::kSuspend));
  const ListenerId id = listener.id;
  constexpr auto kCause = static_cast<size_t>(Refusal::kBlocked);
  bool closed = false;
  uint32_t refused = 0;
  rig.on_event = [&](const Event& event) {
    if (closed || event.kind != CompletionKind::kData || listener.refused[kCause] == 0) return;
    closed = true;
    refused = Refused(rig, Refusal::kBlocked) + listener.refused[kCause];
    rig.reactor().CloseListener(id);
  };
  std::vector<Peer> turned_away;
  const auto pump = [&] {
    if (!closed && turned_away.size() < 1000) turned_away.push_back(rig.Connect());
    for (Peer& peer : busy) peer.Send("busy");
  };
  REQUIRE(rig.Run([&] { return closed; }, 10'000, pump));
  REQUIRE(rig.Run([&] { return rig.reactor().FindListener(id) == nullptr; }));
  CHECK(Refused(rig, Refusal::kBlocked) == refused);
}
