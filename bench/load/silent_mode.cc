#include <unistd.h>

#include <vector>

#include "clocks.h"
#include "control.h"
#include "deafen.h"
#include "dialer.h"
#include "modes.h"
#include "reading.h"
#include "report.h"

namespace bench {
namespace {

constexpr double kNsPerMs = 1e6;

// CLOCK_MONOTONIC is one for all processes, so the server's own times compare with these.
void DeafenAll(const std::vector<int>& fds) {
  const uint64_t begin_ns = NowNs();
  for (const int fd : fds) Deafen(fd);
  JsonLine("deaf")
      .Add("firstAtMs", static_cast<double>(begin_ns) / kNsPerMs)
      .Add("lastAtMs", static_cast<double>(NowNs()) / kNsPerMs)
      .Print();
}

void PrintClocks(clockid_t server_clock) {
  JsonLine line("clock");
  AddTimes(line, ReadAll(server_clock));
  line.Print();
}

}  // namespace

int RunSilent(const Options& options) {
  const clockid_t server_clock = ServerClockOf(options);
  const std::vector<int> fds = DialAll(options, options.connections);
  SayHeld(fds.size());
  for (;;) {
    const std::string command = AwaitCommand();
    if (command == "clock") {
      PrintClocks(server_clock);
    } else if (command == "deafen") {
      DeafenAll(fds);
    } else if (command == "close" || command.empty()) {
      break;
    } else {
      Fail("unknown command " + command);
    }
  }
  for (const int fd : fds) close(fd);
  JsonLine("closed").Add("connections", static_cast<uint64_t>(fds.size())).Print();
  return 0;
}

}  // namespace bench
