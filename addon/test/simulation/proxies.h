#pragma once

#include "simulation/network.h"
#include "simulation/random.h"

namespace holdfast::simulation {

// What a proxy sends in front of its client's bytes: a header that is whole, one that is wrong at
// its first byte or at its last, a part, or nothing at all.
void DrawHeader(Random* random, Pipe* pipe);

}  // namespace holdfast::simulation
