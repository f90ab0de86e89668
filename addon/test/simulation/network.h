#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "net/prefix.h"
#include "platform/keepalive.h"
#include "platform/socket.h"
#include "simulation/coverage.h"
#include "simulation/random.h"
#include "simulation/tcp.h"

namespace holdfast::simulation {

// The byte at one place of one stream: neither side stores what it can compute.
constexpr std::byte ByteAt(uint32_t stream, uint64_t at) {
  return static_cast<std::byte>(at * 7 + (at >> 8) * 13 + (at >> 16) * 29 + stream * 101);
}

// One connection as the kernel of the server has it, and its peer. Bytes are counts, both ways.
struct Pipe {
  platform::SocketHandle handle = platform::kNoSocket;
  platform::SocketHandle door = platform::kNoSocket;
  ConnectionId id;  // once somebody owns it
  uint32_t stream = 0;
  Address peer;
  Tcp tcp;

  bool behind_proxy = false;
  std::string header;           // in front of the client's bytes
  uint64_t fails_at = 0;        // so many bytes of it are malformed; 0: it is not
  uint64_t sends_most = ~0ull;  // then the peer falls silent
  Address client;               // that it tells

  uint64_t arrived = 0;  // from the peer, up to here in the kernel
  uint64_t read = 0;     // of those, by the server
  uint32_t receive_capacity = 0;
  bool peer_fin = false;

  uint64_t taken = 0;      // from the server
  uint64_t delivered = 0;  // of those, read by the peer
  uint32_t send_capacity = 0;
  bool own_fin = false;

  uint64_t clogged = 0;  // the peer's program does nothing until released; how many clogged before
  int error = 0;         // what the next call finds
  int soft_error = 0;    // what a router has said meanwhile
  bool dead = false;
  bool policy_fails = false;  // its keepalive could not be set

  uint64_t unread() const { return arrived - read; }
  uint64_t sequence() const { return taken + (own_fin ? 1 : 0); }
  uint64_t room() const { return send_capacity - (taken - std::min(tcp.acked(), taken)); }
  // The peer's byte at that place.
  std::byte ByteOf(uint64_t at) const {
    return at < header.size() ? static_cast<std::byte>(header[at])
                              : ByteAt(stream, at - header.size());
  }
  bool readable() const { return unread() > 0 || peer_fin || error != 0; }
};

// A bound socket, and from listen() on who waits there to be accepted.
struct Door {
  platform::Keepalive keepalive;
  bool listens = false;
  bool closed = false;
  bool answers = true;  // a client that begins a handshake
  std::deque<platform::SocketHandle> waiting;
  uint64_t accepted = 0;        // shed ones among them
  uint64_t waits_until_ms = 0;  // for a descriptor; nobody is shed before
  std::vector<Prefix> proxies;
};

struct Weather {
  uint32_t listen_errors = 0;  // per mille of the calls, here and below
  uint32_t accept_errors = 0;
  uint32_t attach_errors = 0;
  uint32_t policy_errors = 0;
  uint32_t stop_errors = 0;
  uint32_t send_errors = 0;
  uint32_t receive_errors = 0;
  uint32_t resume_errors = 0;
  uint32_t shutdown_errors = 0;
  uint32_t reserve_errors = 0;
  uint32_t resets = 0;  // per mille of a peer's acts, here and below
  uint32_t fins = 0;
  uint32_t clogs = 0;
  uint32_t releases = 200;  // of those that are clogged
  uint32_t failures = 0;    // ETIMEDOUT, EHOSTUNREACH
  uint32_t vanishings = 0;
  uint32_t cuts = 0;
  uint32_t losses = 0;             // per mille of the segments
  uint32_t round_trip_ms = 0;      // at most
  uint32_t window_bytes = 20'000;  // at most
  bool tells_tcp_info = true;
  bool inherits = true;  // an accepted socket has the keepalive of its listener
};

// The kernel and everybody beyond it. Handles are numbers that no descriptor has.
class Network {
 public:
  Network(Random* random, const Weather& weather, uint64_t now_ms)
      : random_(*random), weather_(weather), now_ms_(now_ms) {}

  platform::SocketHandle NewHandle() { return next_handle_++; }
  platform::SocketHandle Bind();
  Door* FindDoor(platform::SocketHandle handle);
  // Who waits there is reset.
  void CloseDoor(platform::SocketHandle handle);
  // A client's handshake completes: it waits to be accepted. Nothing where nobody answers.
  void Connect(platform::SocketHandle door, const Address& peer);
  // The oldest that waits, or an errno.
  Pipe* Accept(platform::SocketHandle door, int* error);
  Pipe* Find(platform::SocketHandle handle);
  void Close(platform::SocketHandle handle);
  // From the server: what the kernel has taken is on its way.
  void Sent(Pipe& pipe) { pipe.tcp.Send(pipe.sequence(), now_ms_, random_); }
  // One thing that the other end of some connection does, or that happens to the path.
  void Act();
  void ActOnAll();
  // What is due by then happens.
  void Advance(uint64_t now_ms);
  // From now on peers read all they get and answer FIN by FIN, once they are released.
  void Calm();

  void Fail(Pipe& pipe, int error);
  // Whether a call that fails so often does this time.
  bool Fails(uint32_t per_mille) { return random_.Chance(per_mille); }
  void Note(Seen seen) { coverage_.Note(seen); }
  const Coverage& coverage() const { return coverage_; }
  uint64_t now_ms() const { return now_ms_; }
  const Weather& weather() const { return weather_; }
  size_t open_handles() const;
  const std::map<platform::SocketHandle, std::unique_ptr<Pipe>>& pipes() const { return pipes_; }
  const std::map<platform::SocketHandle, Door>& doors() const { return doors_; }

  // Pipes with news for whoever watches them.
  std::vector<platform::SocketHandle> news;
  bool without_descriptors = false;
  bool calm = false;
  uint32_t reserves_open = 0;
  uint32_t shed_early = 0;

 private:
  void ActOn(Pipe& pipe);
  void Clog(Pipe& pipe);
  void Release(Pipe& pipe);
  void PeerReads(Pipe& pipe);

  Random& random_;
  Weather weather_;
  uint64_t now_ms_;
  platform::SocketHandle next_handle_ = 0x40000000;
  uint32_t next_stream_ = 1;
  uint64_t clogs_ = 0;
  std::set<uint64_t> clogged_;
  std::map<platform::SocketHandle, std::unique_ptr<Pipe>> pipes_;
  std::map<platform::SocketHandle, Door> doors_;
  Coverage coverage_;
};

// What the functions of platform/ work on in this program.
extern thread_local Network* the_network;

}  // namespace holdfast::simulation
