#ifndef _WIN32

#include <errno.h>

#include <utility>

#include "io/uv_listeners.h"

namespace holdfast {

struct UvListeners::Listener {
  uv_poll_t watcher;
  UvListeners* owner;
  ListenerId id;
  platform::SocketHandle fd;
  bool suspended = false;
  bool waiting = false;  // stands in waiting_
};

platform::Outcome UvListeners::Listen(ListenerId id, platform::SocketHandle bound, int backlog) {
  const platform::Outcome outcome = platform::StartListening(bound, backlog);
  if (outcome.error != 0) {
    platform::Close(bound);
    return outcome;
  }
  auto* listener = new Listener{};
  if (const int error = uv_poll_init(loop_, &listener->watcher, bound)) {
    delete listener;
    platform::Close(bound);
    return {-error, "epoll_ctl"};
  }
  listener->owner = this;
  listener->id = id;
  listener->fd = bound;
  listener->watcher.data = listener;
  acceptor_.HandleCame();
  listeners_[id] = listener;
  Resume(id);
  uv_unref(reinterpret_cast<uv_handle_t*>(&listener->watcher));
  return {};
}

void UvListeners::Close(ListenerId id) {
  const auto found = listeners_.find(id);
  if (found == listeners_.end()) return;
  Listener* listener = found->second;
  listeners_.erase(found);
  std::erase(waiting_, id);
  // The watcher lets go of the descriptor at once; its memory is the loop's until the callback.
  uv_close(reinterpret_cast<uv_handle_t*>(&listener->watcher), [](uv_handle_t* handle) {
    auto* closed = static_cast<Listener*>(handle->data);
    UvAcceptor& acceptor = closed->owner->acceptor_;
    delete closed;
    acceptor.HandleGone();
  });
  platform::Close(listener->fd);
}

void UvListeners::Suspend(ListenerId id) {
  Listener& listener = *listeners_.at(id);
  listener.suspended = true;
  uv_poll_stop(&listener.watcher);
}

// Level-triggered: what has come meanwhile is reported by the next poll.
void UvListeners::Resume(ListenerId id) {
  Listener& listener = *listeners_.at(id);
  listener.suspended = false;
  uv_poll_start(&listener.watcher, UV_READABLE, [](uv_poll_t* watcher, int, int) {
    auto* listener = static_cast<Listener*>(watcher->data);
    listener->owner->AcceptSome(*listener);
  });
}

bool UvListeners::HasArrival(ListenerId id) const {
  return platform::HasArrival(listeners_.at(id)->fd);
}

void UvListeners::AcceptSome(Listener& listener) {
  // A refusal and an end take room in the batch too.
  sink_.OnReady();
  if (sink_.AcceptAllowance(listener.id) == 0 && !listener.suspended) return Wait(listener);
  while (sink_.AcceptAllowance(listener.id) > 0) {
    Address peer;
    int error = 0;
    const platform::SocketHandle fd = platform::Accept(listener.fd, &peer, &error);
    if (fd == platform::kNoSocket) {
      if (error == EAGAIN || error == EWOULDBLOCK) return;
      if (!sink_.OnAcceptError(listener.id, error)) return;
      continue;
    }
    uv_tcp_t* stream = acceptor_.NewStream();
    if (uv_tcp_open(stream, fd) == 0) {
      acceptor_.Opened(listener.id, stream, peer);
    } else {
      // Not a socket of ours to keep: libuv knows this descriptor as another handle's.
      platform::Close(fd);
      acceptor_.Discard(stream);
    }
  }
}

void UvListeners::Wait(Listener& listener) {
  if (!std::exchange(listener.waiting, true)) waiting_.push_back(listener.id);
}

// Those for whom a poll had filled the batch before it came to them: so may the next, and the one
// after it.
void UvListeners::Collect() {
  for (const ListenerId id : std::exchange(waiting_, {})) {
    Listener& listener = *listeners_.at(id);
    listener.waiting = false;
    if (!listener.suspended) AcceptSome(listener);
  }
}

}  // namespace holdfast

#endif
