#pragma once

#include <cstdint>

#include "simulation/coverage.h"

namespace holdfast::simulation {

struct Plan {
  uint64_t from = 1;
  uint64_t seeds = UINT64_MAX;  // at most
  double seconds = 15;          // after that no seed is begun
  uint32_t steps = 150;         // of each seed
  uint32_t jobs = 1;            // processes
  const char* program = "";     // to be named in the command that runs a seed again
};

struct Tally {
  uint64_t seeds = 0;
  uint64_t events = 0;
  uint64_t hash = 0;  // of the last seed; the run's where there is one seed
  uint64_t seen[kSeenCount] = {};
  bool failed = false;
};

// Runs seed after seed, each in whichever process is free. The first in which something is not as
// it must be is printed with the command that runs it again, and ends all of it.
Tally Work(const Plan& plan);

}  // namespace holdfast::simulation
