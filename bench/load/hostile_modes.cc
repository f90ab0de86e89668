#include <sys/epoll.h>
#include <time.h>

#include "clocks.h"
#include "control.h"
#include "dialer.h"
#include "modes.h"
#include "swarm.h"

namespace bench {
namespace {

constexpr uint64_t kNsPerMs = 1'000'000;
constexpr size_t kMostBytes = 65536;

}  // namespace

// One after the other, so that each sends its byte once in the interval.
int RunDrip(const Options& options) {
  Swarm swarm(options, 0);
  const uint64_t begin_ns = NowNs();
  uint64_t sent = 0;
  do {
    const uint64_t elapsed_ns = NowNs() - begin_ns;
    const uint64_t due = elapsed_ns * swarm.size() / (options.interval_ms * kNsPerMs);
    for (; sent < due; sent++) swarm.Send(static_cast<uint32_t>(sent % swarm.size()), 1);
  } while (swarm.Turn(1, [](uint32_t, uint32_t) {}));
  swarm.Finish();
  return 0;
}

int RunDeaf(const Options& options) {
  Swarm swarm(options, EPOLLOUT);
  while (swarm.Turn(10, [&](uint32_t index, uint32_t) { swarm.Send(index, kMostBytes); })) {
  }
  swarm.Finish();
  return 0;
}

int RunFlood(const Options& options) {
  Swarm swarm(options, EPOLLIN | EPOLLOUT);
  while (swarm.Turn(10, [&](uint32_t index, uint32_t events) {
    if (events & EPOLLIN) swarm.Receive(index);
    if (events & EPOLLOUT) swarm.Send(index, kMostBytes);
  })) {
  }
  swarm.Finish();
  return 0;
}

int RunResets(const Options& options) {
  SayHeld(0);
  const uint64_t begin_ns = NowNs();
  uint64_t dialled = 0;
  while (!PollCommand()) {
    DialAndReset(options, static_cast<uint32_t>(dialled));
    dialled++;
    const uint64_t due_ns = begin_ns + dialled * 1'000'000'000 / options.dials_per_second;
    const uint64_t now_ns = NowNs();
    if (due_ns > now_ns + kNsPerMs) {
      const timespec pause{0, static_cast<long>(due_ns - now_ns)};
      nanosleep(&pause, nullptr);
    }
  }
  JsonLine("closed").Add("dialled", dialled).Print();
  return 0;
}

}  // namespace bench
