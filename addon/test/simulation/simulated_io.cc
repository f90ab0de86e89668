#include "simulation/simulated_io.h"

#include <errno.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace holdfast::simulation {

SimulatedIo::SimulatedIo(IoSink& sink, Manner manner, Random* random, Network* network,
                         Model* model)
    : sink_(sink), manner_(manner), random_(*random), network_(*network), model_(*model) {}

SimulatedIo::Watched* SimulatedIo::WatchedAt(platform::SocketHandle handle) {
  const auto found = sockets_.find(handle);
  return found == sockets_.end() ? nullptr : &found->second;
}

platform::Outcome SimulatedIo::Listen(ListenerId listener, platform::SocketHandle bound, int) {
  if (network_.Fails(network_.weather().listen_errors)) {
    network_.Note(Seen::kListenFails);
    network_.CloseDoor(bound);
    return {EADDRINUSE, "listen"};
  }
  network_.Note(Seen::kListens);
  network_.FindDoor(bound)->listens = true;
  listeners_[listener] = {bound};
  return {};
}

void SimulatedIo::CloseListener(ListenerId listener) {
  const auto found = listeners_.find(listener);
  if (found == listeners_.end()) return;
  model_.ClosesDoor(listener, found->second.suspended);
  network_.CloseDoor(found->second.door);
  listeners_.erase(found);
}

void SimulatedIo::SuspendListener(ListenerId listener) {
  network_.Note(Seen::kListenerSuspends);
  listeners_.at(listener).suspended = true;
}

void SimulatedIo::ResumeListener(ListenerId listener) {
  network_.Note(Seen::kListenerResumes);
  Gate& gate = listeners_.at(listener);
  gate.suspended = false;
  if (WaitingAt(gate) > 0) sink_.OnReady();
}

void SimulatedIo::Poll() {
  starved_ = false;
  for (const platform::SocketHandle handle : std::exchange(network_.news, {})) {
    if (Watched* watched = WatchedAt(handle)) Enqueue(handle, *watched);
  }
  for (const auto& [listener, gate] : listeners_) {
    if (!gate.suspended && WaitingAt(gate) > 0) sink_.OnReady();
  }
  if (ready_.empty()) return;
  if (manner_ == Manner::kCollects) return sink_.OnReady();
  // No order is promised to anybody.
  for (size_t i = ready_.size(); i-- > 1;) {
    std::swap(ready_[i], ready_[random_.Below(static_cast<uint32_t>(i + 1))]);
  }
  for (const platform::SocketHandle handle : std::exchange(ready_, {})) {
    Watched* watched = WatchedAt(handle);
    if (watched == nullptr) continue;
    watched->queued = false;
    OfferRoom(*watched, *network_.Find(handle));
    watched = WatchedAt(handle);
    Socket* socket = watched == nullptr ? nullptr : sink_.FindSocket(watched->id);
    Pipe* pipe = network_.Find(handle);
    if (socket == nullptr || watched->paused || watched->read_closed || !pipe->readable()) continue;
    if (!ReceiveOnce(*watched, *pipe, *socket)) {
      starved_ = true;
      Enqueue(handle, *watched);
    }
    sink_.OnReady();
  }
}

void SimulatedIo::Collect() {
  gates_full_ = false;
  for (const auto& [listener, gate] : listeners_) {
    if (!gate.suspended) AcceptSome(listener);
  }
}

void SimulatedIo::AcceptSome(ListenerId listener) {
  const Gate& gate = listeners_.at(listener);
  // Asked once more than there are arrivals, as one must who cannot know.
  for (bool more = WaitingAt(gate) > 0; more && !gate.suspended;) {
    if (sink_.AcceptAllowance(listener) == 0) {
      gates_full_ |= WaitingAt(gate) > 0;
      return;
    }
    int error = 0;
    Pipe* pipe = network_.Accept(gate.door, &error);
    if (pipe == nullptr) {
      more = error != EAGAIN && sink_.OnAcceptError(listener, error);
      continue;
    }
    Arrival arrival;
    arrival.fd = pipe->handle;
    arrival.peer = pipe->peer;
    Socket* socket = sink_.OnArrival(listener, arrival);
    if (socket == nullptr) {
      network_.Close(pipe->handle);
      continue;
    }
    pipe->id = socket->id;
    Watched& watched = sockets_[pipe->handle];
    watched.id = socket->id;
    model_.Accepted(*pipe, listener);
    if (pipe->readable()) Enqueue(pipe->handle, watched);
    const bool fails = network_.Fails(network_.weather().attach_errors);
    network_.Note(fails ? Seen::kAttachFails : Seen::kAttaches);
    if (fails) model_.Failed(socket->id);
    sink_.OnAttached(*socket, fails ? ENOMEM : 0);
  }
}

void SimulatedIo::Enqueue(platform::SocketHandle handle, Watched& watched) {
  if (std::exchange(watched.queued, true)) return;
  ready_.push_back(handle);
}

void SimulatedIo::Receive() {
  if (manner_ == Manner::kCallsBack) return;
  const auto round = std::exchange(ready_, {});
  for (size_t at = 0; at < round.size(); ++at) {
    Watched* watched = WatchedAt(round[at]);
    if (watched == nullptr) continue;
    watched->queued = false;
    OfferRoom(*watched, *network_.Find(round[at]));
    watched = WatchedAt(round[at]);
    Socket* socket = watched == nullptr ? nullptr : sink_.FindSocket(watched->id);
    if (socket == nullptr) continue;
    Pipe& pipe = *network_.Find(round[at]);
    if (watched->paused || watched->read_closed) {
      if (pipe.error != 0) sink_.OnError(*socket, std::exchange(pipe.error, 0));
      continue;
    }
    if (!pipe.readable() || ReceiveOnce(*watched, pipe, *socket)) continue;
    // The batch is full: those that are left go first next time.
    std::vector<platform::SocketHandle> first;
    for (; at < round.size(); ++at) {
      if (Watched* waits = WatchedAt(round[at])) {
        waits->queued = true;
        first.push_back(round[at]);
      }
    }
    std::erase_if(ready_, [&](platform::SocketHandle handle) {
      return std::find(first.begin(), first.end(), handle) != first.end();
    });
    ready_.insert(ready_.begin(), first.begin(), first.end());
    return;
  }
}

// False when the batch is full.
bool SimulatedIo::ReceiveOnce(Watched& watched, Pipe& pipe, Socket& socket) {
  const std::span<std::byte> space = sink_.ReceiveSpace(socket);
  if (space.empty()) {
    network_.Note(Seen::kReceiveFindsBatchFull);
    return false;
  }
  const platform::SocketHandle handle = pipe.handle;
  if (network_.Fails(network_.weather().receive_errors)) network_.Fail(pipe, EIO);
  if (pipe.unread() > 0) {
    const uint64_t most = std::min<uint64_t>(space.size(), pipe.unread());
    const auto bytes = static_cast<size_t>(
        random_.Chance(300) ? 1 + random_.Below(static_cast<uint32_t>(most)) : most);
    for (size_t i = 0; i < bytes; ++i) space[i] = pipe.ByteOf(pipe.read + i);
    network_.Note(bytes < pipe.unread() ? Seen::kReceivesPart : Seen::kReceives);
    pipe.read += bytes;
    if (!model_.ReceivedHeader(pipe, bytes)) model_.Received(watched.id, bytes);
    if (pipe.readable()) Enqueue(handle, watched);
    sink_.OnReceived(socket, bytes);
  } else if (pipe.error != 0) {
    network_.Note(Seen::kReceiveFails);
    model_.Failed(watched.id);
    sink_.OnError(socket, std::exchange(pipe.error, 0));
  } else {
    network_.Note(Seen::kReceivesEnd);
    watched.read_closed = true;
    model_.ReadToEnd(watched.id);
    sink_.OnEnd(socket);
  }
  return true;
}

void SimulatedIo::Pause(Socket& socket) {
  network_.Note(Seen::kPauses);
  sockets_.at(socket.fd).paused = true;
  model_.Paused(socket.id);
}

// As uv_read_start, which may find that the socket is not connected any more.
void SimulatedIo::Resume(Socket& socket) {
  Watched& watched = sockets_.at(socket.fd);
  watched.paused = false;
  model_.Resumed(socket.id);
  if (watched.read_closed) return;
  if (manner_ == Manner::kCallsBack && network_.Fails(network_.weather().resume_errors)) {
    network_.Note(Seen::kResumeFails);
    return sink_.OnError(socket, ENOTCONN);
  }
  network_.Note(Seen::kResumes);
  if (network_.Find(socket.fd)->readable()) Enqueue(socket.fd, watched);
}

void SimulatedIo::Close(Socket& socket, bool reset) {
  const auto found = sockets_.find(socket.fd);
  HF_CHECK(found != sockets_.end());
  network_.Note(reset ? Seen::kCloseResets : Seen::kCloses);
  Pipe& pipe = *network_.Find(socket.fd);
  model_.Closing(pipe, reset, !found->second.paused && !found->second.read_closed && !HasReady());
  const Watched watched = found->second;
  sockets_.erase(found);
  network_.Close(socket.fd);
  socket.fd = platform::kNoSocket;
  if (manner_ == Manner::kCallsBack) {
    network_.Note(Seen::kCloseAnswersLater);
    closing_.push_back(watched);
  } else {
    model_.Answered(socket.id);
    sink_.OnClosed(socket.id);
  }
}

void SimulatedIo::AnswerClosed(bool all) {
  std::vector<Watched> later;
  for (const Watched& watched : std::exchange(closing_, {})) {
    if (!all && random_.Chance(300)) {
      later.push_back(watched);
      continue;
    }
    // What was lent stays where it is until now: a sanitizer says if it did not.
    if (watched.lent) (void)*static_cast<const volatile std::byte*>(watched.lent->data());
    model_.Answered(watched.id);
    sink_.OnClosed(watched.id);
  }
  closing_.insert(closing_.end(), later.begin(), later.end());
}

bool SimulatedIo::HasReady() const {
  if (gates_full_) return true;
  return manner_ == Manner::kCallsBack ? starved_ : !ready_.empty();
}

void SimulatedIo::Stop(std::function<void()> done) {
  HF_CHECK(listeners_.empty());
  AnswerClosed(true);
  done();
}

}  // namespace holdfast::simulation
