// The clients of one process in a fleet: they say nothing of their own accord, answer the server's
// pings, and notice it when the server ends them.
#ifndef HOLDFAST_BENCH_LOAD_FLEET_H
#define HOLDFAST_BENCH_LOAD_FLEET_H

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "dialer.h"
#include "options.h"

namespace bench {

class Fleet {
 public:
  explicit Fleet(const Options& options);

  // So many more, until one fails: what failed, error 0 when nothing did.
  Dialled Dial(uint32_t count);
  // The oldest that are open; fewer when there are not as many.
  uint32_t End(uint32_t count, bool by_reset);
  // A request on so many of those that are open, evenly picked; each must be answered in time.
  void Exchange(uint32_t count);
  // Deals with what has happened, waiting at most so long. True when a command is there.
  bool Turn(int timeout_ms);

  uint32_t open() const { return open_; }
  // FIN came, or RST, without having been asked for.
  uint64_t ended_by_server() const { return ended_by_server_; }
  uint64_t reset_by_server() const { return reset_by_server_; }
  uint64_t pings() const { return pings_; }

 private:
  static constexpr int kEventsPerTurn = 1024;

  void Watch(int fd, uint32_t index);
  void Receive(uint32_t index);
  void Answered(uint32_t index, const char* bytes, size_t length);
  void Close(uint32_t index);

  const Options& options_;
  const int epoll_;
  // -1: has ended.
  std::vector<int> fds_;
  // The next that End() looks at.
  uint32_t oldest_ = 0;
  uint32_t open_ = 0;
  uint32_t unanswered_ = 0;
  uint64_t ended_by_server_ = 0;
  uint64_t reset_by_server_ = 0;
  uint64_t pings_ = 0;
  epoll_event events_[kEventsPerTurn];
};

}  // namespace bench

#endif
