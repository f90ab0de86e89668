#pragma once

#include <uv.h>

#include "io/io.h"
#include "io/uv_listeners.h"

namespace holdfast {

// Any operating system that libuv knows (IOCP on Windows, kqueue on macOS and BSD), and Linux by
// choice: one uv_tcp_t per connection. Bytes are received by libuv's callbacks straight into the
// batch; fairness comes from refusing a buffer to a socket that had a full one in this turn.
// libuv does not watch a socket that nobody reads from: its death is found by the reactor's looks.
class UvIo final : public Io, private UvAcceptor {
 public:
  UvIo(uv_loop_t* loop, IoSink& sink) : loop_(loop), sink_(sink), listeners_(loop, sink, *this) {}
  ~UvIo() override;

  platform::Outcome Listen(ListenerId id, platform::SocketHandle bound, int backlog) override {
    return listeners_.Listen(id, bound, backlog);
  }
  void CloseListener(ListenerId id) override { listeners_.Close(id); }
  void SuspendListener(ListenerId id) override { listeners_.Suspend(id); }
  void ResumeListener(ListenerId id) override { listeners_.Resume(id); }
  bool HasArrival(ListenerId id) const override { return listeners_.HasArrival(id); }
  void Collect() override;
  void Receive() override {}
  bool HasReady() const override { return listeners_.HasReady(); }
  bool LeftUnread() const override { return starved_; }
  ssize_t Send(Socket&, std::span<const platform::Bytes> pieces) override;
  void AwaitWritable(Socket&, platform::Bytes head) override;
  int Shutdown(Socket&) override;
  void Pause(Socket&) override;
  void Resume(Socket&) override;
  void Close(Socket&, bool reset) override;
  bool ReportsDeathUnread() const override { return false; }
  void Stop(std::function<void()> done) override;

 private:
  struct Stream;

  uv_tcp_t* NewStream() override;
  void Opened(ListenerId listener, uv_tcp_t* stream, const Address& peer) override;
  void Discard(uv_tcp_t* stream) override;
  void HandleCame() override { ++open_handles_; }
  void HandleGone() override;
  void BeginPoll();
  int StartReading(Socket& socket);
  static void OnAlloc(uv_handle_t* handle, size_t, uv_buf_t* buffer);
  static void OnRead(uv_stream_t* handle, ssize_t received, const uv_buf_t* buffer);

  uv_loop_t* const loop_;
  IoSink& sink_;
  UvListeners listeners_;
  // A round lasts until everybody who was ready has been served, over as many polls as it takes.
  uint16_t round_ = 1;
  bool polled_ = false;   // a socket asked for a buffer since the last turn
  bool starved_ = false;  // in the last poll, somebody found the batch full
  uint32_t open_handles_ = 0;
  std::function<void()> stopped_;
};

}  // namespace holdfast
