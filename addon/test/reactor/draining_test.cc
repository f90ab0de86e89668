// Closing a listener without losing who is at its door.

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "support/faults.h"
#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

std::vector<Peer> Connect(Rig* rig, int count) {
  std::vector<Peer> peers;
  for (int i = 0; i < count; ++i) peers.push_back(rig->Connect());
  return peers;
}

// Ends each connection as soon as it is there, as a server that closes does.
void EndEach(Rig* rig) {
  rig->on_event = [rig](const Event& event) {
    if (event.kind == CompletionKind::kOpen) rig->End(event.id, DisconnectReason::kShutdown);
    if (event.kind == CompletionKind::kEnd) rig->End(event.id, DisconnectReason::kShutdown);
  };
}

bool IsDrained(const Rig& rig) {
  return rig.Count(CompletionKind::kDrained) == 1;
}

// A client that does not hear the answer to its SYN, so that its handshake stays under way.
class HalfOpen {
 public:
  explicit HalfOpen(const Address& server)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sock_filter drop_all[] = {{BPF_RET | BPF_K, 0, 0, 0}};
    sock_fprog program = {1, drop_all};
    REQUIRE(setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0);
    Connect(server);
  }
  ~HalfOpen() { close(fd_); }
  HalfOpen(const HalfOpen&) = delete;
  HalfOpen& operator=(const HalfOpen&) = delete;

  void Hear() {
    int ignored = 0;
    REQUIRE(setsockopt(fd_, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof(ignored)) == 0);
  }
  // 0 when the server's FIN was read.
  int Read() {
    char byte;
    return recv(fd_, &byte, 1, 0) == 0 ? 0 : errno;
  }

 private:
  void Connect(const Address& server) {
    sockaddr_storage address;
    const uint32_t length = ToSockaddr(server, &address);
    REQUIRE(connect(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0);
    REQUIRE(errno == EINPROGRESS);
  }

  const int fd_;
};

}  // namespace

TEST_ON_EACH_IO(
    "draining: who waits at the door of a suspended listener is accepted, nobody reset") {
  Rig rig(io);
  EndEach(&rig);
  ListenerOptions options = Rig::Options();
  options.accept_budget = 7;
  Listener& listener = rig.Listen(options);
  const ListenerId id = listener.id;
  rig.reactor().SuspendListener(listener);
  std::vector<Peer> peers = Connect(&rig, 100);
  rig.reactor().DrainListener(listener, 0);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }));
  CHECK(rig.ledger.opened() == 100);
  const auto served = [&] {
    size_t ended = 0;
    for (Peer& peer : peers) {
      peer.Read();
      CHECK(peer.error() == 0);
      if (peer.ended() && peer.is_open()) peer.Close();
      ended += peer.ended();
    }
    return ended == peers.size();
  };
  REQUIRE(rig.Run(served, 5000, [] {}));
  REQUIRE(rig.Run([&] { return rig.ledger.closed() == 100; }));
  CHECK(rig.reactor().FindListener(id) == nullptr);
}

TEST_ON_EACH_IO("draining: a handshake under way is completed, and none begins any more") {
  Rig rig(io);
  EndEach(&rig);
  Listener& listener = rig.Listen();
  const Address address = listener.address;
  HalfOpen early(address);
  // Its SYN is with the kernel by now: loopback delivers before connect(2) returns.
  rig.reactor().DrainListener(listener, 2000);
  HalfOpen late(address);
  early.Hear();
  late.Hear();
  // The server's SYN-ACK is sent again after a second.
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  CHECK_FALSE(IsDrained(rig));
  REQUIRE(rig.Run([&] { return IsDrained(rig); }));
  CHECK(rig.ledger.opened() == 1);
  REQUIRE(rig.Run([&] { return early.Read() == 0; }, 1000, [] {}));
  // Sent again after the listener has gone, its SYN is refused.
  REQUIRE(rig.Run([&] { return late.Read() == ECONNREFUSED; }, 5000, [] {}));
}

TEST_ON_EACH_IO("draining: without a grace an empty door is closed at once, and told of last") {
  Rig rig(io);
  Listener& listener = rig.Listen();
  const ListenerId id = listener.id;
  Peer peer;
  const ConnectionId open = rig.Accept(&peer);
  rig.reactor().DrainListener(listener, 0);
  rig.reactor().DrainListener(listener, 1000);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }, 500));
  CHECK(rig.events.back().words[1] == id);
  CHECK(rig.events.back().words[2] == 1);
  CHECK_FALSE(Peer(listener.address).connected());
  REQUIRE(peer.Send("still open") == 10);
  REQUIRE(rig.Run([&] { return rig.Received(open) == "still open"; }));
}

TEST_ON_EACH_IO("draining: those whom a limit keeps waiting come in as others leave") {
  Rig rig(io);
  EndEach(&rig);
  ListenerOptions options = Rig::Options();
  options.admission = {.connections = 2};
  Listener& listener = rig.Listen(options);
  std::vector<Peer> peers = Connect(&rig, 6);
  rig.reactor().DrainListener(listener, 1000);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }, 5000,
                  [&] {
                    for (Peer& peer : peers) {
                      peer.Read();
                      CHECK(peer.error() == 0);
                      if (peer.ended()) peer.Close();
                    }
                  }));
  CHECK(rig.ledger.opened() == 6);
  CHECK(rig.Count(CompletionKind::kRefused) == 0);
}

TEST_ON_EACH_IO(
    "draining: whom a limit still keeps waiting after the grace is refused, and counted") {
  Rig rig(io);
  ListenerOptions options = Rig::Options();
  options.admission = {.connections = 2};
  Listener& listener = rig.Listen(options);
  std::vector<Peer> peers = Connect(&rig, 6);
  rig.reactor().DrainListener(listener, 100);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }));
  CHECK(rig.ledger.opened() == 2);
  // The ledger holds that the refused and the opened are all that arrived.
  CHECK(rig.events.back().words[2] == 6);
  int resets = 0;
  for (Peer& peer : peers) {
    peer.Read();
    resets += peer.error() == ECONNRESET;
  }
  CHECK(resets == 4);
}

// Found by the simulation.
TEST_ON_EACH_IO("draining: refusals and the end are told although others fill each batch") {
  Rig rig(io, {.completions = 3});
  ListenerOptions small = Rig::Options();
  small.read_chunk_bytes = 16;
  rig.Listen(small);
  std::vector<Peer> flooding(6);
  for (Peer& peer : flooding) rig.Accept(&peer);
  ListenerOptions full = Rig::Options();
  full.admission = {.connections = 1};
  full.when_full = Consequence::kReset;
  Listener& listener = rig.Listen(full);
  const auto flood = [&] {
    for (Peer& peer : flooding) peer.Send(Pattern(4096));
  };
  std::vector<Peer> peers = Connect(&rig, 3);
  rig.reactor().DrainListener(listener, 0);
  flood();
  CHECK(rig.Run([&] { return IsDrained(rig); }, 2000, flood));
  CHECK(rig.Count(CompletionKind::kRefused) > 0);
}

TEST_ON_EACH_IO("draining: out of memory until the end of the grace, it is closed all the same") {
  Rig rig(io);
  Listener& listener = rig.Listen();
  std::vector<Peer> peers = Connect(&rig, 2);
  const Fault fault(Call::kAccept, ENOMEM);
  rig.reactor().DrainListener(listener, 150);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }, 2000));
  CHECK(rig.ledger.opened() == 0);
  CHECK(rig.events.back().words[2] == 0);
}

TEST_ON_EACH_IO(
    "draining: two listeners of one reactor end each by itself, and it can be stopped") {
  Rig rig(io);
  Listener& first = rig.Listen();
  const ListenerId first_id = first.id;
  Listener& second = rig.Listen();
  rig.reactor().DrainListener(first, 0);
  rig.reactor().DrainListener(second, 60'000);
  REQUIRE(rig.Run([&] { return IsDrained(rig); }));
  CHECK(rig.events.back().words[1] == first_id);
  CHECK(second.state == ListenerState::kDraining);
  // It wakes the loop at the end of its grace and not before.
  CHECK(rig.RunFor(100) < 20);
  rig.Stop();
}
