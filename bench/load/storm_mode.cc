#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "arrival.h"
#include "control.h"
#include "dialer.h"
#include "modes.h"
#include "reading.h"
#include "stillness.h"

namespace bench {
namespace {

void EndAll(const std::vector<int>& fds, bool reset, int32_t pid, clockid_t server_clock) {
  // Before the clocks are read: it tells the peer nothing.
  if (reset) {
    for (const int fd : fds) ResetOnClose(fd);
  }
  const Reading begin = ReadAll(server_clock);
  for (const int fd : fds) close(fd);
  const double closed_ms = static_cast<double>(NowNs() - begin.wall_ns) / 1e6;
  JsonLine line("ended");
  line.Add("operations", static_cast<uint64_t>(fds.size())).Add("closedMs", closed_ms);
  AddTimes(line, AwaitStillness(pid, server_clock), begin);
  line.Print();
}

using Arrive = Arrival (*)(const Options&, uint32_t);

std::vector<int> CountArrival(const Options& options, uint32_t count, Arrive arrive,
                              clockid_t server_clock) {
  const Reading begin = ReadAll(server_clock);
  Arrival arrival = arrive(options, count);
  const Reading end = AwaitStillness(options.clock_pid, server_clock);
  JsonLine line("arrived");
  line.Add("operations", uint64_t{count})
      .Add("dialledMs", arrival.dialled_ms)
      .Add("retried", arrival.retried);
  AddTimes(line, end, begin);
  line.Print();
  return std::move(arrival.fds);
}

uint32_t CountOf(const std::string& command) {
  const unsigned long count = std::strtoul(command.c_str() + command.find(' ') + 1, nullptr, 10);
  if (count == 0 || count > 100'000) Fail(command + ": expected 1..100000");
  return static_cast<uint32_t>(count);
}

}  // namespace

int RunStorm(const Options& options) {
  const clockid_t server_clock = ServerClockOf(options);
  std::vector<int> fds;
  for (;;) {
    const std::string command = AwaitCommand();
    if (command.rfind("dial ", 0) == 0) {
      fds = DialAll(options, CountOf(command));
      AwaitStillness(options.clock_pid, server_clock);
      SayHeld(fds.size());
    } else if (command.rfind("arrive ", 0) == 0) {
      fds = CountArrival(options, CountOf(command), ArriveAtOnce, server_clock);
    } else if (command.rfind("queue ", 0) == 0) {
      fds = CountArrival(options, CountOf(command), ArriveInWaves, server_clock);
    } else if (command == "close" || command == "reset") {
      EndAll(fds, command == "reset", options.clock_pid, server_clock);
      fds.clear();
    } else if (command.empty()) {
      return 0;
    } else {
      Fail("unknown command " + command);
    }
  }
}

}  // namespace bench
