#include "simulation/network.h"

#include <errno.h>

#include <algorithm>

#include "base/check.h"

namespace holdfast::simulation {

thread_local Network* the_network = nullptr;

void Network::Connect(const Address& peer) {
  if (!listens) return;
  auto pipe = std::make_unique<Pipe>();
  pipe->handle = NewHandle();
  pipe->stream = next_stream_++;
  pipe->peer = peer;
  pipe->receive_capacity = random_.Between(1, 20'000);
  pipe->send_capacity = random_.Between(1, 20'000);
  waiting_.push_back(pipe->handle);
  pipes_[pipe->handle] = std::move(pipe);
  ++connected;
}

Pipe* Network::Accept(int* error) {
  *error = EAGAIN;
  // As accept(2): a descriptor is looked for before an arrival.
  if (without_descriptors) *error = EMFILE;
  if (without_descriptors || waiting_.empty()) return nullptr;
  const platform::SocketHandle handle = waiting_.front();
  if (random_.Chance(weather.accept_errors)) {
    constexpr int kErrors[] = {ECONNABORTED, EPERM, ENOMEM, ENOBUFS, EMFILE, ENFILE};
    *error = kErrors[random_.Below(6)];
    if (*error != ECONNABORTED && *error != EPERM) return nullptr;
    waiting_.pop_front();
    pipes_.erase(handle);
    ++aborted;
    return nullptr;
  }
  waiting_.pop_front();
  ++accepted;
  return Find(handle);
}

Pipe* Network::Find(platform::SocketHandle handle) {
  const auto found = pipes_.find(handle);
  return found == pipes_.end() ? nullptr : found->second.get();
}

void Network::Close(platform::SocketHandle handle) {
  HF_CHECK(pipes_.erase(handle) == 1);
}

void Network::Fail(Pipe& pipe, int error) {
  if (pipe.dead) return;
  pipe.dead = true;
  pipe.error = error;
  news.push_back(pipe.handle);
}

void Network::Act() {
  if (pipes_.empty()) return;
  auto at = pipes_.lower_bound(pipes_.begin()->first +
                               static_cast<int>(random_.Below(static_cast<uint32_t>(
                                   pipes_.rbegin()->first - pipes_.begin()->first + 1))));
  ActOn(*at->second);
}

void Network::ActOnAll() {
  for (const auto& [handle, pipe] : pipes_) ActOn(*pipe);
}

void Network::Calm() {
  calm = true;
  without_descriptors = false;
  weather = {};
  for (const auto& [handle, pipe] : pipes_) {
    pipe->clogged = false;
    pipe->send_capacity = 1 << 24;
    news.push_back(handle);
  }
}

void Network::PeerReads(Pipe& pipe) {
  const uint64_t most = pipe.taken - pipe.delivered;
  if (most == 0) return;
  pipe.delivered += calm ? most : random_.Between(1, static_cast<uint32_t>(most));
  news.push_back(pipe.handle);
}

void Network::ActOn(Pipe& pipe) {
  if (pipe.dead) return;
  if (random_.Chance(weather.resets)) {
    // What had come may be read before the error is found, or is gone with it.
    if (random_.Chance(500)) pipe.arrived = pipe.read;
    return Fail(pipe, ECONNRESET);
  }
  if (random_.Chance(weather.failures)) {
    return Fail(pipe, random_.Chance(500) ? ETIMEDOUT : EHOSTUNREACH);
  }
  if (random_.Chance(pipe.clogged ? 200 : weather.clogs)) pipe.clogged = !pipe.clogged;
  if (pipe.clogged) return;
  if (calm || random_.Chance(500)) PeerReads(pipe);
  if (pipe.peer_fin) return;
  const bool answers = calm && pipe.own_fin && pipe.taken == pipe.delivered;
  if (answers || random_.Chance(weather.fins)) {
    pipe.peer_fin = true;
    news.push_back(pipe.handle);
    return;
  }
  const uint64_t room = pipe.receive_capacity - pipe.unread();
  if (calm || room == 0 || random_.Chance(400)) return;
  pipe.arrived += random_.Between(1, static_cast<uint32_t>(room));
  news.push_back(pipe.handle);
}

}  // namespace holdfast::simulation
