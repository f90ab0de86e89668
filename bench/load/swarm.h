// Connections of clients that mean harm: dialled again as soon as the server ends one.
#ifndef HOLDFAST_BENCH_LOAD_SWARM_H
#define HOLDFAST_BENCH_LOAD_SWARM_H

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "options.h"

namespace bench {

class Swarm {
 public:
  // Dials options.connections of them, and says so; `events` of epoll are watched besides the end.
  Swarm(const Options& options, uint32_t events);

  // Waits at most so long for something to happen and calls ready(index, events) for each
  // connection that is open and ready. False once the harness wants no more.
  template <class Ready>
  bool Turn(int timeout_ms, Ready ready) {
    const int count = Wait(timeout_ms);
    for (int i = 0; i < count; i++) {
      const uint32_t index = events_[i].data.u32;
      if (events_[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        Redial(index);
      } else {
        ready(index, events_[i].events);
      }
    }
    return !IsToldToStop();
  }

  // One send, or one receive, of what the kernel takes or has. What the server has ended meanwhile
  // is found by the next turn.
  void Send(uint32_t index, size_t bytes);
  void Receive(uint32_t index);

  uint32_t size() const { return static_cast<uint32_t>(fds_.size()); }
  // Closes all and tells what has been done.
  void Finish();

 private:
  static constexpr int kEventsPerTurn = 1024;

  int Wait(int timeout_ms);
  void Redial(uint32_t index);
  void Watch(uint32_t index);
  bool IsToldToStop() const;

  const Options& options_;
  const int epoll_;
  const uint32_t watched_;
  std::vector<int> fds_;
  epoll_event events_[kEventsPerTurn];
  uint64_t dialled_ = 0;
  uint64_t ended_by_server_ = 0;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
};

}  // namespace bench

#endif
