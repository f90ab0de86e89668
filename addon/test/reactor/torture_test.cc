// Everything at once, at random, through queues that are too small: what the ledger holds must
// hold, and bytes arrive once and in order whatever else happens.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "support/rig.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

constexpr int kPeersInAll = 400;
constexpr size_t kPeersAtOnce = 40;

struct Client {
  Peer peer;
  uint32_t stream = 0;
  size_t sent = 0;
  bool ended = false;
};

struct Served {
  uint32_t stream = 0;
  size_t received = 0;
  size_t written = 0;
};

class Torture {
 public:
  Torture(IoKind io, uint32_t seed)
      : random_(seed),
        rig_(io, {.completions = 3 + Below(30),
                  .receive_slab_bytes = 256 + 8 * Below(500),
                  .submissions = 1 + Below(20),
                  .submit_slab_bytes = 16 + Below(3000)}) {
    rig_.records_events = false;
    rig_.high_watermark_bytes = Below(5000);
    ListenerOptions options = Rig::Options();
    options.accept_budget = 1 + Below(20);
    options.read_chunk_bytes = 1 + Below(3000);
    options.low_watermark_bytes = Below(2000);
    options.keepalive.enabled = true;
    options.keepalive.idle_ms = options.keepalive.interval_ms = 1000;
    options.keepalive.count = 3;
    options.detection_ms = 4000;
    if (Below(2) == 0) options.queue_memory_bytes = 20'000 + Below(100'000);
    const Listener& listener = rig_.Listen(options);
    if (Below(2) == 0) ShrinkSendBuffer(listener);
    rig_.on_event = [this](const Event& event) { Handle(event); };
  }

  void Run() {
    REQUIRE(rig_.Run(
        [this] { return begun_ == kPeersInAll && clients_.empty() && rig_.ledger.open() == 0; },
        40'000, [this] { Act(); }));
    CHECK(rig_.ledger.opened() == rig_.ledger.closed());
    CHECK(rig_.listener().queue_memory.bytes == 0);
    CHECK(rig_.RunFor(60) < 15);
  }

 private:
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

  // The server's side: echoes, and now and then something else.
  void Handle(const Event& event) {
    switch (event.kind) {
      case CompletionKind::kOpen: {
        const Connection* connection = rig_.Find(event.id);
        // One that ended meanwhile is unknown by now; its bytes count under no stream.
        served_[event.id.slot] = {connection == nullptr ? 0 : streams_[connection->peer.port]};
        break;
      }
      case CompletionKind::kData:
        Check(event);
        Echo(event.id, event.bytes.size());
        break;
      case CompletionKind::kEnd:
        if (const Served& served = served_[event.id.slot];
            served.stream != 0 && served.received != sent_[served.stream]) {
          rig_.ledger.Complain("an end before all that was sent");
        }
        rig_.End(event.id, DisconnectReason::kPeerEnd);
        break;
      case CompletionKind::kClosed:
        served_.erase(event.id.slot);
        return;
      default:
        break;
    }
    switch (Below(40)) {
      case 0:
        return rig_.Destroy(event.id, DisconnectReason::kLocalAbort, Below(2) == 0);
      case 1:
        return rig_.End(event.id);
      case 2:
        paused_.push_back(event.id);
        return rig_.Pause(event.id);
      case 3:
        return rig_.Flush();
      case 4:
        if (!served_.empty()) rig_.Destroy({Below(50), 1 + Below(20)});
        return;
      default:
        return;
    }
  }

  void Check(const Event& event) {
    Served& served = served_[event.id.slot];
    if (served.stream != 0 &&
        event.bytes != Pattern(event.bytes.size(), served.stream, served.received)) {
      rig_.ledger.Complain("received bytes are not those that were sent");
    }
    served.received += event.bytes.size();
  }

  // What is written is the stream itself, so it can be checked whatever was echoed before.
  void Echo(ConnectionId id, size_t bytes) {
    Served& served = served_[id.slot];
    const size_t more = Below(20) == 0 ? 20'000 : 0;
    const std::string echo = Pattern(bytes + more, served.stream, served.written);
    Below(4) == 0 ? void(rig_.Broadcast({id}, echo)) : void(rig_.Write(id, echo));
    served.written += bytes + more;
  }

  // The peers' side, each millisecond.
  void Act() {
    while (begun_ < kPeersInAll && clients_.size() < kPeersAtOnce) Begin();
    for (const ConnectionId id : std::exchange(paused_, {})) {
      Below(3) == 0 ? rig_.Resume(id) : paused_.push_back(id);
    }
    for (Client& client : clients_) Act(client);
    std::erase_if(clients_, [](const Client& client) { return !client.peer.is_open(); });
  }

  void Begin() {
    Client client;
    client.stream = static_cast<uint32_t>(++begun_);
    client.peer = rig_.Connect();
    streams_[client.peer.port()] = client.stream;
    clients_.push_back(std::move(client));
  }

  void Act(Client& client) {
    Peer& peer = client.peer;
    if (Below(4) != 0) peer.Read(Below(5) == 0 ? 100 : SIZE_MAX);
    if (peer.received() != Pattern(peer.received().size(), client.stream)) {
      rig_.ledger.Complain("a peer received bytes that are not its own");
    }
    const uint32_t choice = Below(60);
    if (choice < 30 && !client.ended) {
      const size_t most = Below(15) == 0 ? 30'000 : 300;
      const size_t bytes = 1 + Below(static_cast<uint32_t>(most));
      client.sent += peer.Send(Pattern(bytes, client.stream, client.sent));
      sent_[client.stream] = client.sent;
    } else if (choice == 58) {
      peer.End();
      client.ended = true;
    } else if (choice == 59) {
      Below(2) == 0 ? peer.Reset() : peer.Close();
    }
    if (peer.ended() || peer.error() != 0) peer.Close();
  }

  std::mt19937 random_;
  Rig rig_;
  std::vector<Client> clients_;
  std::map<uint16_t, uint32_t> streams_;  // by port
  std::map<uint32_t, Served> served_;     // by slot
  std::map<uint32_t, size_t> sent_;       // by stream
  std::vector<ConnectionId> paused_;
  int begun_ = 0;
};

}  // namespace

TEST_ON_EACH_IO("torture: bytes, ends and ids stay in order whatever happens at once") {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    INFO("seed " << seed);
    Torture(io, seed).Run();
  }
}
