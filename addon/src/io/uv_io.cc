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

void UvIo::Collect() {
  polled_ = false;
  listeners_.Collect();
}

uv_tcp_t* UvIo::NewStream() {
  auto* stream = new Stream{};
  stream->io = this;
  uv_tcp_init(loop_, &stream->handle);
  stream->handle.data = stream;
  HandleCame();
  return &stream->handle;
}

void UvIo::Opened(ListenerId listener, uv_tcp_t* handle, const Address& peer) {
  auto* stream = static_cast<Stream*>(handle->data);
  uv_os_fd_t fd;
  uv_fileno(AsHandle(handle), &fd);
  uv_unref(AsHandle(handle));
  Arrival arrival;
  arrival.handle = stream;
  arrival.fd = (platform::SocketHandle)fd;
  arrival.peer = peer;
  Socket* socket = sink_.OnArrival(listener, arrival);
  if (socket == nullptr) return Discard(handle);
  stream->id = socket->id;
  sink_.OnAttached(*socket, StartReading(*socket));
}

void UvIo::Discard(uv_tcp_t* handle) {
  uv_close(AsHandle(handle), [](uv_handle_t* closed) {
    auto* stream = static_cast<Stream*>(closed->data);
    UvIo* io = stream->io;
    delete stream;
    io->HandleGone();
  });
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

void UvIo::HandleGone() {
  HF_CHECK(open_handles_ > 0);
  --open_handles_;
  if (open_handles_ == 0 && stopped_) std::exchange(stopped_, nullptr)();
}

}  // namespace holdfast
