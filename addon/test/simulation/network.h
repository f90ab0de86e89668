#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "platform/socket.h"
#include "simulation/random.h"

namespace holdfast::simulation {

// The byte at one place of one stream: neither side stores what it can compute.
constexpr std::byte ByteAt(uint32_t stream, uint64_t at) {
  return static_cast<std::byte>(at * 7 + (at >> 8) * 13 + (at >> 16) * 29 + stream * 101);
}

// One connection as the kernel of the server has it, and its peer. Bytes are counts, both ways.
struct Pipe {
  platform::SocketHandle handle = platform::kNoSocket;
  ConnectionId id;  // once somebody owns it
  uint32_t stream = 0;
  Address peer;

  uint64_t arrived = 0;  // from the peer, up to here in the kernel
  uint64_t read = 0;     // of those, by the server
  uint32_t receive_capacity = 0;
  bool peer_fin = false;

  uint64_t taken = 0;      // from the server
  uint64_t delivered = 0;  // of those, read by the peer
  uint32_t send_capacity = 0;
  bool own_fin = false;

  bool clogged = false;  // nothing moves until it is released
  int error = 0;         // what the next call finds
  bool dead = false;
  bool reset_on_close = false;
  bool closed = false;  // by the server

  uint64_t unread() const { return arrived - read; }
  uint64_t room() const { return send_capacity - (taken - delivered); }
  bool readable() const { return unread() > 0 || peer_fin || error != 0; }
};

struct Weather {
  uint32_t accept_errors = 0;  // per mille of the calls, here and below
  uint32_t attach_errors = 0;
  uint32_t send_errors = 0;
  uint32_t receive_errors = 0;
  uint32_t shutdown_errors = 0;
  uint32_t resets = 0;  // per mille of a peer's acts, here and below
  uint32_t fins = 0;
  uint32_t clogs = 0;
  uint32_t failures = 0;  // ETIMEDOUT, EHOSTUNREACH
};

// The kernel and everybody beyond it. Handles are numbers that no descriptor has.
class Network {
 public:
  Network(Random* random, const Weather& weather) : random_(*random), weather(weather) {}

  platform::SocketHandle NewHandle() { return next_handle_++; }
  // A client's handshake completes: it waits to be accepted.
  void Connect(const Address& peer);
  // The oldest that waits, or an errno.
  Pipe* Accept(int* error);
  Pipe* Find(platform::SocketHandle handle);
  void Close(platform::SocketHandle handle);
  // One thing that the other end of some connection does, or that happens to the path.
  void Act();
  void ActOnAll();
  // From now on peers read all they get and answer FIN by FIN; nothing is clogged.
  void Calm();

  void Fail(Pipe& pipe, int error);
  size_t waiting() const { return waiting_.size(); }
  size_t open_handles() const { return pipes_.size() - waiting_.size(); }
  const std::map<platform::SocketHandle, std::unique_ptr<Pipe>>& pipes() const { return pipes_; }

  // Pipes with news for whoever watches them.
  std::vector<platform::SocketHandle> news;

  uint64_t connected = 0;
  uint64_t accepted = 0;
  uint64_t shed = 0;
  uint64_t aborted = 0;  // gone before they were accepted
  bool without_descriptors = false;
  bool calm = false;
  bool listens = true;  // a client that connects is answered
  bool can_stop_handshakes = true;
  uint32_t reserves_open = 0;

 private:
  void ActOn(Pipe& pipe);
  void PeerReads(Pipe& pipe);

  Random& random_;
  Weather weather;
  platform::SocketHandle next_handle_ = 0x40000000;
  uint32_t next_stream_ = 1;
  std::map<platform::SocketHandle, std::unique_ptr<Pipe>> pipes_;
  std::deque<platform::SocketHandle> waiting_;
};

// What the functions of platform/ work on in this program.
extern thread_local Network* the_network;

}  // namespace holdfast::simulation
