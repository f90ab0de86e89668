#pragma once

#include <cstdint>
#include <string>

#include "simulation/coverage.h"

namespace holdfast::simulation {

struct Result {
  std::string complaint;  // empty: nothing to complain of
  uint64_t hash = 0;      // of all events, in order
  uint64_t events = 0;
  Coverage coverage;
};

// One reactor from its start to its stop, for so many passes of its loop; all of it follows from
// the seed.
Result Simulate(uint64_t seed, uint32_t steps);

}  // namespace holdfast::simulation
