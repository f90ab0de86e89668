#include "simulation/workers.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <vector>

#include "base/check.h"
#include "simulation/simulation.h"

namespace holdfast::simulation {

namespace {

// In memory that all processes have; a seed is a number that nobody else has taken.
struct Shared {
  std::atomic<uint64_t> next{0};
  std::atomic<uint64_t> seeds{0};
  std::atomic<uint64_t> events{0};
  std::atomic<uint64_t> hash{0};
  std::atomic<bool> failed{false};
  std::atomic<uint64_t> seen[kSeenCount] = {};
};

char replay[256];

// What a check of the reactor, a sanitizer or a stray pointer leaves behind is a seed, too.
void OnCrash(int) {
  (void)!write(STDERR_FILENO, replay, std::strlen(replay));
  _exit(1);
}

bool RunOne(const Plan& plan, uint64_t seed, Shared* shared) {
  std::snprintf(replay, sizeof(replay),
                "seed %" PRIu64 " fails; again: %s --from %" PRIu64 " --seeds 1 --steps %" PRIu32
                "\n",
                seed, plan.program, seed, plan.steps);
  const Result result = Simulate(seed, plan.steps);
  shared->events += result.events;
  shared->hash = result.hash;
  for (size_t at = 0; at < kSeenCount; ++at) shared->seen[at] += result.coverage[at];
  ++shared->seeds;
  const char* complaint = result.complaint.c_str();
  // Now and then each: a seed that does not replay is worth nothing.
  if (seed % 64 == 0 && Simulate(seed, plan.steps).hash != result.hash) {
    complaint = "not the same twice";
  }
  if (*complaint == '\0') return true;
  if (!shared->failed.exchange(true)) std::fprintf(stderr, "%s\n%s", complaint, replay);
  return false;
}

int RunMany(const Plan& plan, Shared* shared) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(signal, OnCrash);
  const auto begun = std::chrono::steady_clock::now();
  for (;;) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begun;
    const uint64_t at = shared->next++;
    if (at >= plan.seeds || shared->failed || (at > 0 && elapsed.count() >= plan.seconds)) return 0;
    if (!RunOne(plan, plan.from + at, shared)) return 1;
  }
}

}  // namespace

Tally Work(const Plan& plan) {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  HF_CHECK(memory != MAP_FAILED);
  auto* shared = new (memory) Shared;
  std::vector<pid_t> children;
  for (uint32_t i = 0; i < plan.jobs; ++i) {
    const pid_t child = fork();
    HF_CHECK(child >= 0);
    if (child == 0) _exit(RunMany(plan, shared));
    children.push_back(child);
  }
  Tally tally;
  for (const pid_t child : children) {
    int status = 0;
    HF_CHECK(waitpid(child, &status, 0) == child);
    if (status == 0) continue;
    tally.failed = true;
    shared->failed = true;
  }
  tally.seeds = shared->seeds;
  tally.events = shared->events;
  tally.hash = shared->hash;
  for (size_t at = 0; at < kSeenCount; ++at) tally.seen[at] = shared->seen[at];
  munmap(memory, sizeof(Shared));
  return tally;
}

}  // namespace holdfast::simulation
