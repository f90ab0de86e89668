#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "control.h"
#include "dialer.h"
#include "modes.h"
#include "reading.h"

namespace bench {
namespace {

// How long the server's CPU clock must stand still until it has dealt with everything, and how
// often that is looked at: 2 ms is how exactly the last moment is known.
constexpr uint64_t kStillNs = 200'000'000;
constexpr uint64_t kLongestNs = 60'000'000'000;
constexpr long kLookNs = 2'000'000;

// proc_stat(5), third field, of the main thread: it has the core, or waits for it. On a machine
// that does much else, a server may wait longer than it needs to be still.
bool IsRunning(int32_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) Fail("the server is gone");
  const size_t name_end = text.rfind(") ");
  return name_end != std::string::npos && text[name_end + 2] == 'R';
}

// The reading of the last moment the server was busy. Nobody asks the server for it, which would
// cost some servers more than others, and its threads that work behind the loop are waited for.
Reading AwaitStillness(int32_t pid, clockid_t server_clock) {
  Reading last = ReadAll(server_clock);
  const uint64_t begin_ns = last.wall_ns;
  uint64_t still_since_ns = begin_ns;
  for (;;) {
    const timespec pause{0, kLookNs};
    nanosleep(&pause, nullptr);
    const Reading now = ReadAll(server_clock);
    const bool worked = now.server_cpu_ns != last.server_cpu_ns;
    if (worked) last = now;
    if (worked || IsRunning(pid)) still_since_ns = now.wall_ns;
    if (now.wall_ns - still_since_ns > kStillNs) return last;
    if (now.wall_ns - begin_ns > kLongestNs) Fail("the server was busy for 60 s");
  }
}

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

uint32_t CountOf(const std::string& command) {
  const unsigned long count = std::strtoul(command.c_str() + sizeof "dial", nullptr, 10);
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
