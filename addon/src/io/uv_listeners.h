#pragma once

#include <uv.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "io/io.h"

namespace holdfast {

// What UvIo does with a connection that one of its listeners has accepted.
class UvAcceptor {
 public:
  // A handle that is initialized and not open yet.
  virtual uv_tcp_t* NewStream() = 0;
  // Open now, and connected to `peer`; or not to be, with an error: then it is closed.
  virtual void Opened(ListenerId listener, uv_tcp_t* stream, const Address& peer) = 0;
  virtual void Discard(uv_tcp_t* stream) = 0;
  // A handle of a listener came, and went with its close callback.
  virtual void HandleCame() = 0;
  virtual void HandleGone() = 0;

 protected:
  ~UvAcceptor() = default;
};

// The listening sockets of UvIo: uv_listen() on Windows, where accepting is overlapped; elsewhere a
// uv_poll_t and accept(2), because libuv closes what it has no descriptor for without a word.
class UvListeners {
 public:
  UvListeners(uv_loop_t* loop, IoSink& sink, UvAcceptor& acceptor)
      : loop_(loop), sink_(sink), acceptor_(acceptor) {}

  platform::Outcome Listen(ListenerId id, platform::SocketHandle bound, int backlog);
  void Close(ListenerId id);
  void Suspend(ListenerId id);
  void Resume(ListenerId id);
  bool HasArrival(ListenerId id) const;
  // Takes what waited for a new turn's allowance.
  void Collect();
  bool HasReady() const { return !waiting_.empty(); }
  bool empty() const { return listeners_.empty(); }

 private:
  struct Listener;

  void AcceptSome(Listener& listener);
  void Wait(Listener& listener);

  uv_loop_t* const loop_;
  IoSink& sink_;
  UvAcceptor& acceptor_;
  std::unordered_map<ListenerId, Listener*> listeners_;
  std::vector<ListenerId> waiting_;  // an arrival stands at the door, the allowance was used up
};

}  // namespace holdfast
