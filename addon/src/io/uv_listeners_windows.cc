#ifdef _WIN32

#include <utility>

#include "io/uv_listeners.h"

namespace holdfast {

struct UvListeners::Listener {
  uv_tcp_t handle;
  UvListeners* owner;
  ListenerId id;
  bool suspended = false;
  bool waiting = false;  // stands in waiting_
  uint32_t pending = 0;  // arrivals that libuv holds: as many as come
};

namespace {
uv_stream_t* AsStream(uv_tcp_t* handle) {
  return reinterpret_cast<uv_stream_t*>(handle);
}
}  // namespace

platform::Outcome UvListeners::Listen(ListenerId id, platform::SocketHandle bound, int backlog) {
  auto* listener = new Listener{};
  listener->owner = this;
  listener->id = id;
  uv_tcp_init(loop_, &listener->handle);
  listener->handle.data = listener;
  acceptor_.HandleCame();
  listeners_[id] = listener;
  int error = uv_tcp_open(&listener->handle, bound);
  if (error != 0) platform::Close(bound);  // otherwise the handle owns it
  if (error == 0) {
    error = uv_listen(AsStream(&listener->handle), backlog, [](uv_stream_t* handle, int status) {
      auto* listener = static_cast<Listener*>(handle->data);
      UvListeners& owner = *listener->owner;
      if (status < 0) {
        owner.sink_.OnAcceptError(listener->id, -status);
        return;
      }
      ++listener->pending;
      owner.AcceptSome(*listener);
    });
  }
  if (error != 0) {
    Close(id);
    return {-error, "listen"};
  }
  uv_unref(reinterpret_cast<uv_handle_t*>(&listener->handle));
  return {};
}

void UvListeners::Close(ListenerId id) {
  const auto found = listeners_.find(id);
  if (found == listeners_.end()) return;
  std::erase(waiting_, id);
  uv_close(reinterpret_cast<uv_handle_t*>(&found->second->handle), [](uv_handle_t* handle) {
    auto* closed = static_cast<Listener*>(handle->data);
    UvAcceptor& acceptor = closed->owner->acceptor_;
    delete closed;
    acceptor.HandleGone();
  });
  listeners_.erase(found);
}

void UvListeners::Suspend(ListenerId id) {
  listeners_.at(id)->suspended = true;
}

void UvListeners::Resume(ListenerId id) {
  Listener& listener = *listeners_.at(id);
  listener.suspended = false;
  if (listener.pending > 0) Wait(listener);
}

bool UvListeners::HasArrival(ListenerId id) const {
  return listeners_.at(id)->pending > 0;
}

void UvListeners::Wait(Listener& listener) {
  if (!std::exchange(listener.waiting, true)) waiting_.push_back(listener.id);
  sink_.OnReady();
}

void UvListeners::AcceptSome(Listener& listener) {
  while (listener.pending > 0 && !listener.suspended) {
    if (sink_.AcceptAllowance(listener.id) == 0) return Wait(listener);
    --listener.pending;
    uv_tcp_t* stream = acceptor_.NewStream();
    if (const int error = uv_accept(AsStream(&listener.handle), AsStream(stream))) {
      sink_.OnAcceptError(listener.id, -error);
      acceptor_.Discard(stream);
      continue;
    }
    uv_os_fd_t fd;
    uv_fileno(reinterpret_cast<uv_handle_t*>(stream), &fd);
    acceptor_.Opened(listener.id, stream, platform::PeerAddress((platform::SocketHandle)fd));
    sink_.OnReady();
  }
}

void UvListeners::Collect() {
  for (const ListenerId id : std::exchange(waiting_, {})) {
    Listener& listener = *listeners_.at(id);
    listener.waiting = false;
    AcceptSome(listener);
  }
}

}  // namespace holdfast

#endif
