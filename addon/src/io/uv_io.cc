#include "io/uv_io.h"

#include <memory>
#include <utility>

#include "base/check.h"

namespace holdfast {

namespace {

enum Flag : uint16_t { kPaused = 1, kReadClosed = 2, kWriting = 4 };

int ToErrno(int status) {
  return -status;
}

uv_handle_t* AsHandle(void* handle) {
  return static_cast<uv_handle_t*>(handle);
}
uv_stream_t* AsStream(void* handle) {
  return static_cast<uv_stream_t*>(handle);
}

}  // namespace

struct UvIo::Listener {
  uv_tcp_t handle;
  UvIo* io;
  ListenerId id;
  bool suspended = false;
  bool waiting = false;  // stands in waiting_
  uint32_t pending = 0;  // arrivals that libuv holds: at most one, on Windows as many as come
};

// Freed by its close callback, after all of its requests have answered.
struct UvIo::Stream {
  uv_tcp_t handle;  // first: a handle's address is its stream's
  UvIo* io;
  ConnectionId id;
  std::unique_ptr<uv_write_t> write;
  std::unique_ptr<uv_shutdown_t> shutdown;
  size_t lent = 0;  // bytes of the write under way
};

UvIo::~UvIo() {
  HF_CHECK(open_handles_ == 0);
}

platform::Outcome UvIo::Listen(ListenerId id, platform::SocketHandle bound, int backlog) {
  auto* listener = new Listener{};
  listener->io = this;
  listener->id = id;
  uv_tcp_init(loop_, &listener->handle);
  listener->handle.data = listener;
  ++open_handles_;
  int error = uv_tcp_open(&listener->handle, bound);
  if (error != 0) platform::Close(bound);  // otherwise the handle owns it
  if (error == 0) error = uv_listen(AsStream(&listener->handle), backlog, OnArrivalReady);
  if (error != 0) {
    CloseHandle(listener);
    return {ToErrno(error), "listen"};
  }
  uv_unref(AsHandle(&listener->handle));
  listeners_[id] = listener;
  return {};
}

void UvIo::CloseListener(ListenerId id) {
  const auto found = listeners_.find(id);
  if (found == listeners_.end()) return;
  std::erase(waiting_, id);
  CloseHandle(found->second);
  listeners_.erase(found);
}

void UvIo::SuspendListener(ListenerId id) {
  listeners_.at(id)->suspended = true;
}

void UvIo::ResumeListener(ListenerId id) {
  Listener& listener = *listeners_.at(id);
  listener.suspended = false;
  if (listener.pending > 0 && !std::exchange(listener.waiting, true)) waiting_.push_back(id);
}

void UvIo::Collect() {
  polled_ = false;
  // libuv stops watching a listener whose arrival was not taken; taking it starts it again.
  for (const ListenerId id : std::exchange(waiting_, {})) {
    Listener& listener = *listeners_.at(id);
    listener.waiting = false;
    while (listener.pending > 0 && !listener.waiting && !listener.suspended) AcceptOne(listener);
  }
}

void UvIo::OnArrivalReady(uv_stream_t* handle, int status) {
  auto* listener = static_cast<Listener*>(handle->data);
  if (status < 0) {
    listener->io->sink_.OnAcceptError(listener->id, ToErrno(status));
    return;
  }
  ++listener->pending;
  listener->io->AcceptOne(*listener);
}

void UvIo::AcceptOne(Listener& listener) {
  if (listener.suspended) return;
  if (sink_.AcceptAllowance(listener.id) == 0) {
    if (!std::exchange(listener.waiting, true)) waiting_.push_back(listener.id);
    sink_.OnReady();
    return;
  }
  --listener.pending;
  auto* stream = new Stream{};
  stream->io = this;
  uv_tcp_init(loop_, &stream->handle);
  stream->handle.data = stream;
  ++open_handles_;
  Arrival arrival;
  arrival.handle = stream;
  Socket* socket = nullptr;
  int error = uv_accept(AsStream(&listener.handle), AsStream(stream));
  if (error == 0) {
    uv_os_fd_t fd;
    uv_fileno(AsHandle(stream), &fd);
    arrival.fd = (platform::SocketHandle)fd;
    arrival.peer = platform::PeerAddress(arrival.fd);
    uv_unref(AsHandle(stream));
    socket = sink_.OnArrival(listener.id, arrival);
  } else {
    sink_.OnAcceptError(listener.id, ToErrno(error));
  }
  if (socket == nullptr) {
    CloseHandle(stream);
    return;
  }
  stream->id = socket->id;
  sink_.OnAttached(*socket, StartReading(*socket));
  sink_.OnReady();
}

int UvIo::StartReading(Socket& socket) {
  return ToErrno(uv_read_start(AsStream(socket.handle), OnAlloc, OnRead));
}

// The loop reports sockets in the same order again and again: without rounds, the first few that
// flood would fill each batch, and those behind them would never be read.
void UvIo::BeginPoll() {
  if (polled_) return;
  polled_ = true;
  if (!starved_) ++round_;
  starved_ = false;
}

void UvIo::OnAlloc(uv_handle_t* handle, size_t, uv_buf_t* buffer) {
  auto* stream = static_cast<Stream*>(handle->data);
  UvIo& io = *stream->io;
  io.BeginPoll();
  Socket* socket = io.sink_.FindSocket(stream->id);
  *buffer = uv_buf_init(nullptr, 0);
  if (socket == nullptr || (socket->flags & kPaused)) return;
  // Length 0 comes back as UV_ENOBUFS without a system call, and the socket is polled again after
  // the turn. Otherwise libuv would re-read one flooding socket up to 32 times.
  if (socket->round != io.round_) {
    const std::span<std::byte> space = io.sink_.ReceiveSpace(*socket);
    *buffer =
        uv_buf_init(reinterpret_cast<char*>(space.data()), static_cast<unsigned int>(space.size()));
    if (!space.empty()) return;
    io.starved_ = true;
  }
  io.sink_.OnReady();
}

void UvIo::OnRead(uv_stream_t* handle, ssize_t received, const uv_buf_t*) {
  auto* stream = static_cast<Stream*>(handle->data);
  IoSink& sink = stream->io->sink_;
  Socket* socket = sink.FindSocket(stream->id);
  if (socket == nullptr || received == 0) return;
  if (received == UV_ENOBUFS) {
    if (socket->flags & kPaused) uv_read_stop(handle);
    return;
  }
  if (received > 0) {
    socket->round = stream->io->round_;
    sink.OnReceived(*socket, static_cast<size_t>(received));
  } else if (received == UV_EOF) {
    socket->flags |= kReadClosed;
    uv_read_stop(handle);
    // libuv takes any hangup behind a short read for an end, a reset as well.
    if (const int error = platform::TakeReadError(socket->fd)) {
      sink.OnError(*socket, error);
    } else {
      sink.OnEnd(*socket);
    }
  } else {
    // Whatever the number: Windows has ends of a connection that libuv calls UNKNOWN.
    sink.OnError(*socket, ToErrno(static_cast<int>(received)));
  }
  sink.OnReady();
}

ssize_t UvIo::Send(Socket& socket, std::span<const platform::Bytes> pieces) {
  if (socket.flags & kWriting) return 0;
  constexpr size_t kMostPieces = 16;
  uv_buf_t buffers[kMostPieces];
  const size_t count = pieces.size() < kMostPieces ? pieces.size() : kMostPieces;
  for (size_t i = 0; i < count; ++i) {
    auto* data = const_cast<std::byte*>(pieces[i].data());
    buffers[i] =
        uv_buf_init(reinterpret_cast<char*>(data), static_cast<unsigned int>(pieces[i].size()));
  }
  const int sent = uv_try_write(AsStream(socket.handle), buffers, static_cast<unsigned>(count));
  return sent == UV_EAGAIN ? 0 : sent;
}

void UvIo::AwaitWritable(Socket& socket, platform::Bytes head) {
  if (socket.flags & kWriting) return;
  auto* stream = static_cast<Stream*>(socket.handle);
  if (!stream->write) stream->write = std::make_unique<uv_write_t>();
  socket.flags |= kWriting;
  stream->lent = head.size();
  auto* data = const_cast<std::byte*>(head.data());
  const uv_buf_t buffer =
      uv_buf_init(reinterpret_cast<char*>(data), static_cast<unsigned int>(head.size()));
  const auto answered = [](uv_write_t* request, int status) {
    auto* stream = static_cast<Stream*>(request->handle->data);
    IoSink& sink = stream->io->sink_;
    Socket* socket = sink.FindSocket(stream->id);
    if (socket == nullptr) return;  // closing: the close callback answers for it
    socket->flags &= ~kWriting;
    if (status == 0) {
      sink.OnWritable(*socket, stream->lent);
    } else {
      sink.OnSendError(*socket, ToErrno(status));
    }
    sink.OnReady();
  };
  HF_CHECK(uv_write(stream->write.get(), AsStream(stream), &buffer, 1, answered) == 0);
}

int UvIo::Shutdown(Socket& socket) {
  auto* stream = static_cast<Stream*>(socket.handle);
  stream->shutdown = std::make_unique<uv_shutdown_t>();
  // A failure here shows as a failed read as well; nothing to do in the callback.
  return uv_shutdown(stream->shutdown.get(), AsStream(stream), [](uv_shutdown_t*, int) {});
}

// The first bytes stop the reading: until they come, Windows still reports a reset.
void UvIo::Pause(Socket& socket) {
  socket.flags |= kPaused;
}

void UvIo::Resume(Socket& socket) {
  socket.flags &= ~kPaused;
  if (socket.flags & kReadClosed) return;
  const int error = StartReading(socket);
  if (error != 0 && error != -UV_EALREADY) sink_.OnError(socket, error);
}

void UvIo::Close(Socket& socket, bool reset) {
  if (reset) platform::ResetOnClose(socket.fd);
  socket.fd = platform::kNoSocket;
  uv_close(AsHandle(socket.handle), [](uv_handle_t* handle) {
    auto* stream = static_cast<Stream*>(handle->data);
    UvIo* io = stream->io;
    io->sink_.OnClosed(stream->id);
    delete stream;
    io->HandleGone();
  });
}

void UvIo::Stop(std::function<void()> done) {
  HF_CHECK(listeners_.empty());
  stopped_ = std::move(done);
  ++open_handles_;  // so that the count below reaches zero in one place
  HandleGone();
}

// For a Listener or Stream that no connection depends on.
template <class Holder>
void UvIo::CloseHandle(Holder* holder) {
  uv_close(AsHandle(&holder->handle), [](uv_handle_t* handle) {
    auto* closed = static_cast<Holder*>(handle->data);
    UvIo* io = closed->io;
    delete closed;
    io->HandleGone();
  });
}

void UvIo::HandleGone() {
  HF_CHECK(open_handles_ > 0);
  --open_handles_;
  if (open_handles_ == 0 && stopped_) std::exchange(stopped_, nullptr)();
}

}  // namespace holdfast
