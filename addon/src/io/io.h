#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/ids.h"
#include "platform/socket.h"

namespace holdfast {

// The part of a connection that its Io works with.
struct Socket {
  ConnectionId id;
  platform::SocketHandle fd = platform::kNoSocket;
  uint16_t flags = 0;      // private to the Io
  uint16_t round = 0;      // private to the Io
  void* handle = nullptr;  // private to the Io
};

// A connection that the kernel has handed over and nobody owns yet.
struct Arrival {
  platform::SocketHandle fd = platform::kNoSocket;
  void* handle = nullptr;
  Address peer;
};

using ListenerId = uint32_t;

// What an Io tells its owner. Calls come from Collect() and Receive(), or, for an Io that is driven
// by callbacks of the loop, from these; before they return, Close() may answer OnClosed,
// AwaitWritable() OnSendError, and ResumeListener() OnAcceptError.
class IoSink {
 public:
  // Null once Close() was called: a socket that is closing hears of nothing but OnClosed.
  virtual Socket* FindSocket(ConnectionId id) = 0;
  // How many more connections may be taken in this turn from that listener.
  virtual uint32_t AcceptAllowance(ListenerId listener) = 0;
  // The socket that now owns the arrival, or null: then the Io closes it.
  virtual Socket* OnArrival(ListenerId listener, const Arrival& arrival) = 0;
  // After OnArrival, once the socket is watched; `error` is a positive errno or 0.
  virtual void OnAttached(Socket& socket, int error) = 0;
  // True: that arrival is dealt with, and the next may be asked for.
  virtual bool OnAcceptError(ListenerId listener, int error) = 0;
  // Where to receive; empty when the batch is full: come again after the next delivery.
  virtual std::span<std::byte> ReceiveSpace(const Socket& socket) = 0;
  virtual void OnReceived(Socket& socket, size_t bytes) = 0;
  virtual void OnEnd(Socket& socket) = 0;
  virtual void OnError(Socket& socket, int error) = 0;
  // `sent` bytes of what AwaitWritable lent have gone; more may be sent now.
  virtual void OnWritable(Socket& socket, size_t sent) = 0;
  // What AwaitWritable lent could not be sent. Bytes that came before may still be unread.
  virtual void OnSendError(Socket& socket, int error) = 0;
  virtual void OnClosed(ConnectionId id) = 0;
  // There is something to collect: run a turn.
  virtual void OnReady() = 0;

 protected:
  ~IoSink() = default;
};

// The seam between the reactor and the operating system. Implementations: EpollIo, UvIo.
class Io {
 public:
  virtual ~Io() = default;

  // Takes over `bound`, also when it fails.
  virtual platform::Outcome Listen(ListenerId listener, platform::SocketHandle bound,
                                   int backlog) = 0;
  virtual void CloseListener(ListenerId listener) = 0;
  // A suspended listener accepts nothing; arrivals wait in the kernel's queue.
  virtual void SuspendListener(ListenerId listener) = 0;
  virtual void ResumeListener(ListenerId listener) = 0;
  // A connection waits to be accepted.
  virtual bool HasArrival(ListenerId listener) const = 0;

  // Accepts within the allowance and notes which sockets are ready, at the start of each batch.
  virtual void Collect() = 0;
  // Receives once from each ready socket, until the batch is full.
  virtual void Receive() = 0;
  // A socket is known to be ready and was not read to its end.
  virtual bool HasReady() const = 0;
  // The last poll may have left bytes unread that had come by then.
  virtual bool LeftUnread() const { return HasReady(); }

  // Sends what the kernel takes now: a count of bytes, or a negative errno (never EAGAIN: that is
  // 0).
  virtual ssize_t Send(Socket& socket, std::span<const platform::Bytes> pieces) = 0;
  // OnWritable is called once the kernel takes more. `head` stays where it is until then or until
  // OnClosed; an Io may send it by itself.
  virtual void AwaitWritable(Socket& socket, platform::Bytes head) = 0;
  // Sends FIN. Everything given to Send or lent by AwaitWritable has gone before.
  virtual int Shutdown(Socket& socket) = 0;
  virtual void Pause(Socket& socket) = 0;
  virtual void Resume(Socket& socket) = 0;
  virtual void Close(Socket& socket, bool reset) = 0;

  // True when the death of a connection is reported although nobody reads from it.
  virtual bool ReportsDeathUnread() const = 0;

  // Closes what the Io itself holds; `done` is called when the loop has let go of it all. All
  // sockets and listeners are closed before.
  virtual void Stop(std::function<void()> done) = 0;
};

}  // namespace holdfast
