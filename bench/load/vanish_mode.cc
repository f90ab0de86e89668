#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

#include "clocks.h"
#include "control.h"
#include "deafen.h"
#include "dialer.h"
#include "modes.h"
#include "report.h"

namespace bench {
namespace {

constexpr double kNsPerMs = 1e6;

struct Vanishing {
  uint32_t count;
  uint32_t within_ms;
};

// "vanish COUNT MS".
Vanishing VanishingOf(const std::string& command, size_t held) {
  Vanishing order{};
  if (std::sscanf(command.c_str(), "vanish %u %u", &order.count, &order.within_ms) != 2 ||
      order.count == 0 || order.count > held || order.within_ms > 3'600'000) {
    Fail(command + ": expected vanish COUNT MS, at most " + std::to_string(held) + " and 3600000");
  }
  return order;
}

uint16_t PortOf(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    FailErrno("getsockname");
  }
  return ntohs(address.sin_port);
}

void SleepUntil(uint64_t at_ns) {
  const timespec at{static_cast<time_t>(at_ns / 1'000'000'000),
                    static_cast<long>(at_ns % 1'000'000'000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
  }
}

// The first `count` connections go one after the other, at even distances within the time: each at
// its own moment of the period in which it is asked. The others live on.
// CLOCK_MONOTONIC is one for all processes, so the server's own times compare with these.
void Vanish(const std::vector<int>& fds, const Vanishing& order) {
  const uint64_t begin_ns = NowNs();
  const uint64_t step_ns = order.within_ms * 1'000'000ull / order.count;
  for (uint32_t i = 0; i < order.count; i++) {
    SleepUntil(begin_ns + i * step_ns);
    Deafen(fds[i]);
    JsonLine("deaf")
        .Add("port", static_cast<uint64_t>(PortOf(fds[i])))
        .Add("atMs", static_cast<double>(NowNs()) / kNsPerMs)
        .Print();
  }
  JsonLine("vanished").Add("connections", static_cast<uint64_t>(order.count)).Print();
}

}  // namespace

int RunVanish(const Options& options) {
  const std::vector<int> fds = DialAll(options, options.connections);
  SayHeld(fds.size());
  for (;;) {
    const std::string command = AwaitCommand();
    if (command.empty()) break;
    Vanish(fds, VanishingOf(command, fds.size()));
  }
  for (const int fd : fds) close(fd);
  return 0;
}

}  // namespace bench
