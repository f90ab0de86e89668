#ifdef __linux__

#include "io/epoll_io.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/check.h"

namespace holdfast {

namespace {

// What a turn receives it sends from as well: so many sockets are still in the cache of the core by
// then (docs/decisions/0025).
constexpr int kEventsPerWait = 128;
// From this many events on, asking again after the batch is cheaper than a round through the loop.
constexpr int kBusyEvents = 4;
// In a token the generation of a listener is one that no connection can have.
constexpr uint32_t kListenerGeneration = 0xffffffffu;

enum Flag : uint16_t {
  kReadable = 1,  // an edge was reported and has not been read to its end
  kWritable = 2,
  kBehind = 4,  // FIN, RST, an error or an urgent mark: a short read is not the end
  kError = 8,
  kQueued = 16,  // stands in ready_
  kPaused = 32,
  kReadClosed = 64,
  kWatchesOut = 128,
};

// EPOLLPRI: recv(2) stops at an urgent mark, and no other edge tells of the bytes behind it.
constexpr uint32_t kReadEvents = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;

uint64_t Token(ConnectionId id) {
  return uint64_t{id.generation} << 32 | id.slot;
}

}  // namespace

EpollIo::EpollIo(uv_loop_t* loop, IoSink& sink) : loop_(loop), sink_(sink) {}

EpollIo::~EpollIo() {
  HF_CHECK(watcher_ == nullptr);
  if (epoll_fd_ >= 0) close(epoll_fd_);
}

int EpollIo::Start() {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd_ < 0) return errno;
  watcher_ = new uv_poll_t;
  if (const int error = uv_poll_init(loop_, watcher_, epoll_fd_)) {
    delete watcher_;
    watcher_ = nullptr;
    return -error;
  }
  watcher_->data = this;
  uv_poll_start(watcher_, UV_READABLE, [](uv_poll_t* watcher, int, int) {
    auto* self = static_cast<EpollIo*>(watcher->data);
    self->signalled_ = true;
    self->sink_.OnReady();
  });
  uv_unref(reinterpret_cast<uv_handle_t*>(watcher_));
  return 0;
}

platform::Outcome EpollIo::Listen(ListenerId listener, platform::SocketHandle bound, int backlog) {
  platform::Outcome outcome = platform::StartListening(bound, backlog);
  if (outcome.error == 0) {
    if (const int error = Watch(listener, bound)) outcome = {error, "epoll_ctl"};
  }
  if (outcome.error == 0) {
    listeners_[listener] = bound;
  } else {
    platform::Close(bound);
  }
  return outcome;
}

void EpollIo::CloseListener(ListenerId listener) {
  const auto found = listeners_.find(listener);
  if (found == listeners_.end()) return;
  platform::Close(found->second);
  listeners_.erase(found);
}

// Taken out rather than muted: that cannot fail, and a listener that stays watched would keep the
// loop awake for arrivals that it may not accept.
void EpollIo::SuspendListener(ListenerId listener) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, listeners_.at(listener), nullptr);
}

void EpollIo::ResumeListener(ListenerId listener) {
  // Not watched, it would never accept again.
  if (const int error = Watch(listener, listeners_.at(listener))) {
    sink_.OnAcceptError(listener, error);
  }
}

// Level-triggered. 0, or a positive errno.
int EpollIo::Watch(ListenerId listener, platform::SocketHandle fd) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = Token({listener, kListenerGeneration});
  return epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

bool EpollIo::HasArrival(ListenerId listener) const {
  return platform::HasArrival(listeners_.at(listener));
}

void EpollIo::Collect() {
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<ptrdiff_t>(next_));
  next_ = 0;
  if (signalled_ || busy_) {
    signalled_ = false;
    epoll_event events[kEventsPerWait];
    const int count = epoll_wait(epoll_fd_, events, kEventsPerWait, 0);
    busy_ = count >= kBusyEvents;
    saturated_ = count == kEventsPerWait;
    for (int i = 0; i < count; ++i) {
      const ConnectionId id{static_cast<uint32_t>(events[i].data.u64),
                            static_cast<uint32_t>(events[i].data.u64 >> 32)};
      if (id.generation != kListenerGeneration) {
        Note(id, events[i].events);
      } else if (const auto found = listeners_.find(id.slot); found != listeners_.end()) {
        AcceptSome(id.slot, found->second);
      }
    }
  }
  round_end_ = ready_.size();
}

void EpollIo::AcceptSome(ListenerId listener, int fd) {
  // Asked each time: a socket that cannot be watched is closed at once, and its end takes room too.
  while (sink_.AcceptAllowance(listener) > 0) {
    Arrival arrival;
    int error = 0;
    arrival.fd = platform::Accept(fd, &arrival.peer, &error);
    if (arrival.fd == platform::kNoSocket) {
      if (error == EAGAIN || error == EWOULDBLOCK) return;
      if (!sink_.OnAcceptError(listener, error)) return;
      continue;
    }
    Socket* socket = sink_.OnArrival(listener, arrival);
    if (socket == nullptr) {
      platform::Close(arrival.fd);
      continue;
    }
    epoll_event event = {};
    event.events = kReadEvents;
    event.data.u64 = Token(socket->id);
    const int failed = epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, socket->fd, &event) == 0 ? 0 : errno;
    sink_.OnAttached(*socket, failed);
  }
}

void EpollIo::Note(ConnectionId id, uint32_t events) {
  Socket* socket = sink_.FindSocket(id);
  if (socket == nullptr) return;
  constexpr uint32_t kBehindBytes = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if (events & (EPOLLIN | kBehindBytes)) socket->flags |= kReadable;
  if (events & kBehindBytes) socket->flags |= kBehind;
  if (events & EPOLLERR) socket->flags |= kError;
  if (events & EPOLLOUT) socket->flags |= kWritable;
  Enqueue(*socket);
}

void EpollIo::Enqueue(Socket& socket) {
  if (socket.flags & kQueued) return;
  socket.flags |= kQueued;
  ready_.push_back(socket.id);
}

void EpollIo::Receive() {
  for (; next_ < round_end_; ++next_) {
    Socket* socket = sink_.FindSocket(ready_[next_]);
    if (socket == nullptr) continue;
    if (socket->flags & kWritable) {
      socket->flags &= ~kWritable;
      sink_.OnWritable(*socket, 0);
      if (sink_.FindSocket(ready_[next_]) == nullptr) continue;
    }
    if (!ReceiveOnce(*socket)) return;
  }
}

// False when the batch is full: the socket keeps its place.
bool EpollIo::ReceiveOnce(Socket& socket) {
  if (socket.flags & (kPaused | kReadClosed)) {
    socket.flags &= ~kQueued;
    ReportIfDead(socket);
    return true;
  }
  if (!(socket.flags & kReadable)) {
    socket.flags &= ~kQueued;
    return true;
  }
  const std::span<std::byte> space = sink_.ReceiveSpace(socket);
  if (space.empty()) return false;
  socket.flags &= ~kQueued;
  const ssize_t received = platform::Receive(socket.fd, space);
  if (received > 0) {
    // A short read has emptied the queue (epoll(7)), unless something stands behind the bytes.
    const bool more = static_cast<size_t>(received) == space.size() || (socket.flags & kBehind);
    if (more) {
      Enqueue(socket);
    } else {
      socket.flags &= ~kReadable;
    }
    sink_.OnReceived(socket, static_cast<size_t>(received));
  } else if (received == 0) {
    socket.flags = (socket.flags & ~(kReadable | kBehind)) | kReadClosed;
    const ConnectionId id = socket.id;
    sink_.OnEnd(socket);
    if (sink_.FindSocket(id) != nullptr) ReportIfDead(socket);
  } else if (received == -EAGAIN || received == -EWOULDBLOCK) {
    socket.flags &= ~(kReadable | kBehind);
  } else {
    sink_.OnError(socket, static_cast<int>(-received));
  }
  return true;
}

// Nobody reads from this socket, so no recv() will bring the error to light.
void EpollIo::ReportIfDead(Socket& socket) {
  if (!(socket.flags & kError)) return;
  socket.flags &= ~kError;
  if (const int error = platform::TakeError(socket.fd)) sink_.OnError(socket, error);
}

ssize_t EpollIo::Send(Socket& socket, std::span<const platform::Bytes> pieces) {
  const ssize_t sent = platform::Send(socket.fd, pieces);
  return sent == -EAGAIN || sent == -EWOULDBLOCK ? 0 : sent;
}

void EpollIo::AwaitWritable(Socket& socket, platform::Bytes) {
  if (socket.flags & kWatchesOut) return;
  // Only sockets that once were blocked watch for room; from then on its edge comes by itself.
  socket.flags |= kWatchesOut;
  epoll_event event = {};
  event.events = kReadEvents | EPOLLOUT;
  event.data.u64 = Token(socket.id);
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, socket.fd, &event) != 0) {
    // Nothing would tell that the rest may be sent.
    sink_.OnSendError(socket, errno);
  }
}

int EpollIo::Shutdown(Socket& socket) {
  return platform::ShutdownWrite(socket.fd);
}

void EpollIo::Pause(Socket& socket) {
  socket.flags |= kPaused;
}

void EpollIo::Resume(Socket& socket) {
  socket.flags &= ~kPaused;
  if (socket.flags & (kReadable | kError)) Enqueue(socket);
}

void EpollIo::Close(Socket& socket, bool reset) {
  if (reset) platform::ResetOnClose(socket.fd);
  platform::Close(socket.fd);
  socket.fd = platform::kNoSocket;
  sink_.OnClosed(socket.id);
}

void EpollIo::Stop(std::function<void()> done) {
  HF_CHECK(listeners_.empty());
  if (watcher_ == nullptr) return done();  // it never started
  struct Stopping {
    std::function<void()> done;
  };
  watcher_->data = new Stopping{std::move(done)};
  uv_close(reinterpret_cast<uv_handle_t*>(watcher_), [](uv_handle_t* handle) {
    auto* stopping = static_cast<Stopping*>(handle->data);
    delete reinterpret_cast<uv_poll_t*>(handle);
    stopping->done();
    delete stopping;
  });
  watcher_ = nullptr;
}

}  // namespace holdfast

#endif
