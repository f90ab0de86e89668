// System calls that fail: each arrival is still accounted for, and the batch does not overflow.

#include <doctest/doctest.h>

#include <errno.h>
#include <algorithm>

#include <vector>

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

// fs.epoll.max_user_watches is reached: epoll_ctl(2) says ENOSPC for each new socket.
TEST_CASE("faults: sockets that cannot be watched open and close, also when the batch is small") {
  for (const uint32_t completions : {3u, 8u, 1024u}) {
    CAPTURE(completions);
    Rig rig(IoKind::kEpoll, {.completions = completions});
    rig.Listen();
    const std::vector<Peer> peers = Connect(&rig, 40);
    {
      const Fault fault(Call::kWatch, ENOSPC);
      REQUIRE(rig.Run([&] { return rig.ledger.closed() == 40; }));
    }
    CHECK(rig.ledger.opened() == 40);
    for (const Event& event : rig.events) {
      if (event.kind != CompletionKind::kClosed) continue;
      CHECK(event.reason() == DisconnectReason::kIoError);
      CHECK(event.error() == ENOSPC);
    }
    const std::vector<Peer> later = Connect(&rig, 5);
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == 45; }));
  }
}

TEST_CASE("faults: a socket that takes no more and cannot be watched for room ends once") {
  for (const bool paused : {false, true}) {
    CAPTURE(paused);
    Rig rig(IoKind::kEpoll);
    ShrinkSendBuffer(rig.Listen());
    Peer peer;
    const ConnectionId id = rig.Accept(&peer);
    if (paused) rig.Pause(id);
    {
      const Fault fault(Call::kRewatch, ENOMEM);
      rig.Write(id, std::string(size_t{8} << 20, 'x'));
      rig.Flush();
    }
    rig.Write(id, "nobody takes this any more");
    REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }));
    CHECK(rig.Closed(id)->reason() == DisconnectReason::kIoError);
    CHECK(rig.Closed(id)->error() == ENOMEM);
  }
}

TEST_CASE("faults: a listener that cannot be watched again is tried again, and accepts") {
  Rig rig(IoKind::kEpoll);
  Listener& listener = rig.Listen();
  rig.reactor().SuspendListener(listener);
  const Peer peer = rig.Connect();
  {
    const Fault fault(Call::kWatch, ENOMEM, 1);
    rig.reactor().ResumeListener(listener);
  }
  CHECK(listener.suspended == kBySystem);
  REQUIRE(rig.Run([&] { return rig.ledger.opened() == 1; }));
  CHECK(listener.suspended == 0);
}

TEST_CASE("faults: an arrival that was aborted in the queue is passed over") {
  for (const int error : {ECONNABORTED, EPROTO, EHOSTUNREACH, EPERM}) {
    CAPTURE(error);
    Rig rig(IoKind::kEpoll);
    Listener& listener = rig.Listen();
    const std::vector<Peer> peers = Connect(&rig, 3);
    const Fault fault(Call::kAccept, error, 1);
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == 3; }));
    CHECK(listener.state == ListenerState::kListening);
    CHECK(rig.Count(CompletionKind::kRefused) == 0);
  }
}

TEST_ON_EACH_IO("faults: without memory accepting stops for a while, refuses nobody, and goes on") {
  for (const int error : {ENOMEM, ENOBUFS}) {
    CAPTURE(error);
    Rig rig(io);
    rig.Listen();
    const std::vector<Peer> peers = Connect(&rig, 3);
    const Fault fault(Call::kAccept, error, 1);
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == 3; }));
    CHECK(rig.Count(CompletionKind::kRefused) == 0);
  }
}

TEST_ON_EACH_IO("faults: an arrival without a descriptor is reset and counted, the next is taken") {
  for (const int error : {EMFILE, ENFILE}) {
    CAPTURE(error);
    Rig rig(io);
    Listener& listener = rig.Listen();
    std::vector<Peer> peers = Connect(&rig, 3);
    const Fault fault(Call::kAccept, error, 1);
    REQUIRE(rig.Run([&] { return rig.ledger.opened() == 2; }));
    REQUIRE(rig.Count(CompletionKind::kRefused) == 1);
    CHECK(listener.suspended == 0);
    const auto refused = std::find_if(rig.events.begin(), rig.events.end(), [](const Event& event) {
      return event.kind == CompletionKind::kRefused;
    });
    CHECK(refused->words[2] == static_cast<uint32_t>(Refusal::kEmfile));
    CHECK(refused->words[3] == 1);
    peers[0].Read();
    CHECK(peers[0].error() == ECONNRESET);
  }
}

TEST_CASE("faults: a call that a signal interrupted is made again") {
  Rig rig(IoKind::kEpoll);
  rig.Listen();
  Peer peer;
  ConnectionId id;
  {
    const Fault fault(Call::kAccept, EINTR, 2);
    id = rig.Accept(&peer);
  }
  peer.Send("hello");
  {
    const Fault fault(Call::kReceive, EINTR, 2);
    REQUIRE(rig.Run([&] { return rig.Received(id) == "hello"; }));
  }
  {
    const Fault fault(Call::kSend, EINTR, 2);
    rig.Write(id, "world");
    rig.Flush();
  }
  REQUIRE(rig.Run([&] { return peer.received() == "world"; }, 2000, [&] { peer.Read(); }));
}

TEST_CASE("faults: a send that fails ends the connection once, with that error") {
  const std::pair<int, DisconnectReason> cases[] = {
      {EHOSTUNREACH, DisconnectReason::kUnreachable},
      {ETIMEDOUT, DisconnectReason::kKeepaliveTimeout},
      {EPIPE, DisconnectReason::kPeerReset},
      {EIO, DisconnectReason::kIoError},
  };
  for (const auto& [error, reason] : cases) {
    CAPTURE(error);
    Rig rig(IoKind::kEpoll);
    rig.Listen();
    Peer peer;
    const ConnectionId id = rig.Accept(&peer);
    {
      const Fault fault(Call::kSend, error);
      rig.Write(id, "one");
      rig.Flush();
      rig.Write(id, "two");
      rig.Flush();
    }
    REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }, 2000));
    CHECK(rig.Closed(id)->reason() == reason);
    CHECK(rig.Closed(id)->error() == error);
  }
}

TEST_CASE("faults: a receive that fails ends the connection once, with that error") {
  Rig rig(IoKind::kEpoll);
  rig.Listen();
  Peer peer;
  const ConnectionId id = rig.Accept(&peer);
  const Fault fault(Call::kReceive, ENETUNREACH);
  peer.Send("lost");
  REQUIRE(rig.Run([&] { return rig.Closed(id) != nullptr; }, 2000));
  CHECK(rig.Closed(id)->reason() == DisconnectReason::kUnreachable);
}
