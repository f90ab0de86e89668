#include "stillness.h"

#include <fstream>
#include <string>

namespace bench {
namespace {

// How long the server's CPU clock must stand still until it has dealt with everything, and how
// often that is looked at: 2 ms is how exactly the last moment is known.
constexpr uint64_t kStillNs = 200'000'000;
constexpr uint64_t kLongestNs = 60'000'000'000;
constexpr long kLookNs = 2'000'000;
constexpr long kShortLookNs = 100'000;
// From a last answer until the thread that gave it sleeps: microseconds.
constexpr long kRestNs = 1'000'000;

void Nap(long ns) {
  const timespec pause{0, ns};
  nanosleep(&pause, nullptr);
}

}  // namespace

char StateOf(int32_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) Fail("the server is gone");
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) Fail("unreadable: /proc/PID/stat");
  return text[name_end + 2];
}

void AwaitAsleep(int32_t pid) {
  const uint64_t begin_ns = NowNs();
  while (StateOf(pid) == 'R') {
    if (NowNs() - begin_ns > kLongestNs) Fail("the server was busy for 60 s");
    Nap(kShortLookNs);
  }
}

void AwaitRest(int32_t pid) {
  Nap(kRestNs);
  AwaitAsleep(pid);
}

Reading AwaitStillness(int32_t pid, clockid_t server_clock) {
  Reading last = ReadAll(server_clock);
  const uint64_t begin_ns = last.wall_ns;
  uint64_t still_since_ns = begin_ns;
  for (;;) {
    Nap(kLookNs);
    const Reading now = ReadAll(server_clock);
    const bool worked = now.server_cpu_ns != last.server_cpu_ns;
    if (worked) last = now;
    // On a machine that does much else, a server may wait longer for its core than it needs to be
    // still.
    if (worked || StateOf(pid) == 'R') still_since_ns = now.wall_ns;
    if (now.wall_ns - still_since_ns > kStillNs) return last;
    if (now.wall_ns - begin_ns > kLongestNs) Fail("the server was busy for 60 s");
  }
}

}  // namespace bench
