// simulation [--seeds N] [--from S] [--seconds T | --minutes T] [--steps K] [--jobs J] [--verbose]
// A nightly run: --minutes 60 --steps 600 --from a number that nobody ran before.
//
// Runs seed after seed, until N have run or the time is over, in as many processes as there are
// cores. --verbose tells what the calls of the Io and of the system have answered: a run that is
// long enough and has not seen all of it fails.

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "simulation/workers.h"

namespace {

using holdfast::simulation::kSeenCount;
using holdfast::simulation::kSeenNames;
using holdfast::simulation::Plan;
using holdfast::simulation::Tally;
using holdfast::simulation::Work;

// By then all of the table was seen many times over; the rarest row about once in two hundred
// seeds.
constexpr uint64_t kSeedsThatSeeAll = 4000;
constexpr uint32_t kStepsThatSeeAll = 150;

[[noreturn]] void Usage() {
  std::fputs(
      "simulation [--seeds N] [--from S] [--seconds T | --minutes T] [--steps K] [--jobs J]"
      " [--verbose]\n",
      stderr);
  std::exit(2);
}

uint64_t Number(const char* text) {
  char* end = nullptr;
  const uint64_t number = text == nullptr ? 0 : std::strtoull(text, &end, 10);
  if (end == text || *end != '\0') Usage();
  return number;
}

bool SawAll(const Tally& tally) {
  bool all = true;
  for (size_t at = 0; at < kSeenCount; ++at) {
    if (tally.seen[at] > 0) continue;
    std::fprintf(stderr, "never seen: %s: %s\n", kSeenNames[at].call, kSeenNames[at].outcome);
    all = false;
  }
  return all;
}

}  // namespace

extern "C" const char* __asan_default_options() {
  return "abort_on_error=1";
}
extern "C" const char* __ubsan_default_options() {
  return "halt_on_error=1:abort_on_error=1:print_stacktrace=1";
}

int main(int argc, char** argv) {
  Plan plan;
  plan.program = argv[0];
  plan.jobs = std::max(1u, std::thread::hardware_concurrency());
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    const auto is = [name = argv[i]](const char* option) { return std::strcmp(name, option) == 0; };
    if (is("--verbose")) {
      verbose = true;
      continue;
    }
    const char* value = argv[i + 1];  // null behind the last
    if (is("--seeds")) {
      plan.seeds = Number(value);
    } else if (is("--from")) {
      plan.from = Number(value);
    } else if (is("--seconds")) {
      plan.seconds = static_cast<double>(Number(value));
    } else if (is("--minutes")) {
      plan.seconds = static_cast<double>(Number(value)) * 60;
    } else if (is("--steps")) {
      plan.steps = static_cast<uint32_t>(Number(value));
    } else if (is("--jobs") && value != nullptr && Number(value) >= 1 && Number(value) <= 256) {
      plan.jobs = static_cast<uint32_t>(Number(value));
    } else {
      Usage();
    }
    ++i;
  }
  if (plan.seeds < plan.jobs) plan.jobs = plan.seeds == 0 ? 1 : static_cast<uint32_t>(plan.seeds);
  const auto begun = std::chrono::steady_clock::now();
  const Tally tally = Work(plan);
  if (tally.failed) return 1;
  const double took_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  for (size_t at = 0; verbose && at < kSeenCount; ++at) {
    std::printf("%-16s %-48s %12" PRIu64 "\n", kSeenNames[at].call, kSeenNames[at].outcome,
                tally.seen[at]);
  }
  std::printf(
      "%" PRIu64 " seeds from %" PRIu64 ", %" PRIu64 " events, %.1f s (%.0f seeds a second)\n",
      tally.seeds, plan.from, tally.events, took_s, static_cast<double>(tally.seeds) / took_s);
  // A digest of every event in order: the same whenever this seed is run.
  if (plan.seeds == 1) std::printf("digest %016" PRIx64 "\n", tally.hash);
  const bool long_enough = tally.seeds >= kSeedsThatSeeAll && plan.steps >= kStepsThatSeeAll;
  return long_enough && !SawAll(tally) ? 1 : 0;
}
