// simulation [--seeds N] [--from S] [--seconds T] [--steps K]
// A nightly run: --seconds 3600 --steps 600 --from a number that nobody ran before.
//
// Runs seed after seed, until N have run or T seconds are over. The first in which something is not
// as it must be is printed with the command that runs it again, and nothing else.

#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "simulation/simulation.h"

namespace {

using holdfast::simulation::Result;
using holdfast::simulation::Simulate;

char replay[256];

// What a check of the reactor or a sanitizer leaves behind is a seed, too.
void OnAbort(int) {
  (void)!write(STDERR_FILENO, replay, std::strlen(replay));
  _exit(1);
}

[[noreturn]] void Usage() {
  std::fputs("simulation [--seeds N] [--from S] [--seconds T] [--steps K]\n", stderr);
  std::exit(2);
}

}  // namespace

extern "C" const char* __asan_default_options() {
  return "abort_on_error=1";
}
extern "C" const char* __ubsan_default_options() {
  return "halt_on_error=1:abort_on_error=1:print_stacktrace=1";
}

int main(int argc, char** argv) {
  uint64_t seeds = UINT64_MAX, from = 1, seconds = 15, steps = 150;
  for (int i = 1; i < argc; i += 2) {
    uint64_t* value = nullptr;
    if (std::strcmp(argv[i], "--seeds") == 0) value = &seeds;
    if (std::strcmp(argv[i], "--from") == 0) value = &from;
    if (std::strcmp(argv[i], "--seconds") == 0) value = &seconds;
    if (std::strcmp(argv[i], "--steps") == 0) value = &steps;
    char* end = nullptr;
    if (value == nullptr || i + 1 == argc) Usage();
    *value = std::strtoull(argv[i + 1], &end, 10);
    if (*end != '\0' || end == argv[i + 1]) Usage();
  }
  std::signal(SIGABRT, OnAbort);
  const auto begun = std::chrono::steady_clock::now();
  const auto elapsed_s = [begun] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  };
  uint64_t run = 0, events = 0;
  for (; run < seeds && (run == 0 || elapsed_s() < static_cast<double>(seconds)); ++run) {
    const uint64_t seed = from + run;
    std::snprintf(replay, sizeof(replay),
                  "seed %" PRIu64 " fails; again: %s --from %" PRIu64 " --seeds 1 --steps %" PRIu64
                  "\n",
                  seed, argv[0], seed, steps);
    const Result result = Simulate(seed, static_cast<uint32_t>(steps));
    events += result.events;
    Result again = result;
    // Now and then each: a seed that does not replay is worth nothing.
    if (seed % 64 == 0) again = Simulate(seed, static_cast<uint32_t>(steps));
    if (again.hash != result.hash) {
      std::fprintf(stderr, "not the same twice\n%s", replay);
      return 1;
    }
    if (result.complaint.empty()) continue;
    std::fprintf(stderr, "%s\n%s", result.complaint.c_str(), replay);
    return 1;
  }
  const double took_s = elapsed_s();
  std::printf("%" PRIu64 " seeds from %" PRIu64 ", %" PRIu64
              " events, %.1f s (%.0f seeds a second)\n",
              run, from, events, took_s, static_cast<double>(run) / took_s);
  return 0;
}
