#include "simulation/network.h"

#include <errno.h>

#include <algorithm>

#include "base/check.h"
#include "simulation/proxies.h"

namespace holdfast::simulation {

thread_local Network* the_network = nullptr;

platform::SocketHandle Network::Bind() {
  const platform::SocketHandle handle = NewHandle();
  doors_[handle] = {};
  return handle;
}

Door* Network::FindDoor(platform::SocketHandle handle) {
  const auto found = doors_.find(handle);
  return found == doors_.end() || found->second.closed ? nullptr : &found->second;
}

void Network::CloseDoor(platform::SocketHandle handle) {
  Door* door = FindDoor(handle);
  HF_CHECK(door != nullptr);
  if (door->listens) {
    Note(door->waiting.empty() ? Seen::kListenerCloses : Seen::kListenerClosesOnArrivals);
  }
  door->closed = true;
  for (const platform::SocketHandle waits : door->waiting) Close(waits);
  door->waiting.clear();
}

void Network::Connect(platform::SocketHandle handle, const Address& peer) {
  Door& door = *FindDoor(handle);
  if (!door.answers) return;
  auto pipe = std::make_unique<Pipe>();
  pipe->handle = NewHandle();
  pipe->door = handle;
  pipe->stream = next_stream_++;
  pipe->peer = peer;
  pipe->receive_capacity = random_.Between(1, 20'000);
  pipe->send_capacity = random_.Between(1, 20'000);
  pipe->tcp.Establish({.round_trip_ms = random_.Below(weather_.round_trip_ms + 1),
                       .window_bytes = random_.Between(1, weather_.window_bytes),
                       .losses = weather_.losses},
                      now_ms_);
  for (const Prefix& proxy : door.proxies) {
    if (PrefixOf(peer, proxy.bits, proxy.bits) != proxy) continue;
    DrawHeader(&random_, pipe.get());
    break;
  }
  if (weather_.inherits) pipe->tcp.Use(door.keepalive, now_ms_);
  door.waiting.push_back(pipe->handle);
  pipes_[pipe->handle] = std::move(pipe);
}

Pipe* Network::Accept(platform::SocketHandle handle, int* error) {
  Door& door = *FindDoor(handle);
  // As accept(2): a descriptor is looked for before an arrival.
  *error = without_descriptors ? EMFILE : EAGAIN;
  if (without_descriptors || door.waiting.empty()) {
    Note(without_descriptors ? Seen::kAcceptNoDescriptor : Seen::kAcceptFindsNobody);
    return nullptr;
  }
  const platform::SocketHandle first = door.waiting.front();
  if (random_.Chance(weather_.accept_errors)) {
    constexpr int kErrors[] = {ECONNABORTED, EPERM, ENOMEM, ENOBUFS, EMFILE, ENFILE};
    const uint32_t at = random_.Below(6);
    *error = kErrors[at];
    Note(at < 2   ? Seen::kAcceptAborted
         : at < 4 ? Seen::kAcceptNoMemory
                  : Seen::kAcceptNoDescriptor);
    if (at >= 2) return nullptr;
    door.waiting.pop_front();
    Close(first);
    return nullptr;
  }
  Note(Seen::kAccepts);
  door.waiting.pop_front();
  ++door.accepted;
  return Find(first);
}

Pipe* Network::Find(platform::SocketHandle handle) {
  const auto found = pipes_.find(handle);
  return found == pipes_.end() ? nullptr : found->second.get();
}

void Network::Close(platform::SocketHandle handle) {
  const auto found = pipes_.find(handle);
  HF_CHECK(found != pipes_.end());
  clogged_.erase(found->second->clogged);
  pipes_.erase(found);
}

size_t Network::open_handles() const {
  size_t open = pipes_.size();
  for (const auto& [handle, door] : doors_) open += door.closed ? 0 : 1;
  return open;
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

void Network::Advance(uint64_t now_ms) {
  now_ms_ = now_ms;
  for (const auto& [handle, pipe] : pipes_) {
    if (pipe->dead) continue;
    const uint64_t room = pipe->room();
    if (const int error = pipe->tcp.Advance(now_ms, random_)) {
      // What a router has said names the cause better than the silence (tcp_write_err).
      Fail(*pipe, pipe->soft_error != 0 ? pipe->soft_error : error);
    } else if (pipe->room() != room) {
      news.push_back(handle);
    }
  }
}

void Network::Calm() {
  calm = true;
  without_descriptors = false;
  weather_ = {.tells_tcp_info = weather_.tells_tcp_info, .inherits = weather_.inherits};
  for (const auto& [handle, pipe] : pipes_) {
    pipe->send_capacity = 1 << 24;
    if (!pipe->dead) pipe->tcp.OpenWindow(now_ms_, random_);
    news.push_back(handle);
  }
}

void Network::Clog(Pipe& pipe) {
  Note(Seen::kClogs);
  pipe.clogged = ++clogs_;
  clogged_.insert(pipe.clogged);
}

void Network::Release(Pipe& pipe) {
  Note(Seen::kReleased);
  if (*clogged_.begin() != pipe.clogged) Note(Seen::kReleasedOutOfOrder);
  clogged_.erase(pipe.clogged);
  pipe.clogged = 0;
}

void Network::PeerReads(Pipe& pipe) {
  const uint64_t most = std::min(pipe.tcp.reached(), pipe.taken) - pipe.delivered;
  if (most == 0) return;
  pipe.delivered += calm ? most : random_.Between(1, static_cast<uint32_t>(most));
  pipe.tcp.PeerHasRead(pipe.delivered, now_ms_, random_);
}

void Network::ActOn(Pipe& pipe) {
  if (pipe.dead || pipe.tcp.IsCut(now_ms_)) return;
  if (random_.Chance(weather_.resets)) {
    // What had come may be read before the error is found, or is gone with it.
    if (random_.Chance(500)) pipe.arrived = pipe.read;
    return Fail(pipe, ECONNRESET);
  }
  if (random_.Chance(weather_.failures)) {
    return Fail(pipe, random_.Chance(500) ? ETIMEDOUT : EHOSTUNREACH);
  }
  if (random_.Chance(weather_.vanishings)) {
    if (random_.Chance(200)) pipe.soft_error = EHOSTUNREACH;
    return pipe.tcp.Vanish();
  }
  if (random_.Chance(weather_.cuts)) return pipe.tcp.CutUntil(now_ms_ + random_.Below(3000));
  if (pipe.clogged != 0) {
    // All are asked again and again, in no order: so are they released.
    if (random_.Chance(calm ? 500 : weather_.releases)) Release(pipe);
    return;
  }
  if (random_.Chance(weather_.clogs)) return Clog(pipe);
  if (calm || random_.Chance(500)) PeerReads(pipe);
  if (pipe.peer_fin) return;
  const bool answers = calm && pipe.own_fin && pipe.taken == pipe.delivered;
  const uint64_t room = pipe.receive_capacity - pipe.unread();
  if (answers || random_.Chance(weather_.fins)) {
    pipe.peer_fin = true;
  } else if (calm || room == 0 || random_.Chance(400)) {
    return;
  } else {
    const uint64_t more = random_.Between(1, static_cast<uint32_t>(room));
    if (pipe.arrived >= pipe.sends_most) return;
    pipe.arrived = std::min(pipe.arrived + more, pipe.sends_most);
  }
  pipe.tcp.Hear(now_ms_);
  news.push_back(pipe.handle);
}

}  // namespace holdfast::simulation
