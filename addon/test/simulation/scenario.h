#pragma once

#include "net/listener.h"
#include "simulation/network.h"
#include "simulation/random.h"
#include "simulation/simulated_host.h"
#include "simulation/simulated_io.h"

namespace holdfast::simulation {

// What one run is like, drawn from its seed: most runs stress a few things and leave the rest
// alone.
struct Scenario {
  Manner manner = Manner::kCollects;
  ListenerOptions listener;
  HostOptions host;
  Weather weather;
  uint64_t start_ms = 0;
  uint32_t acts_per_pass = 20;
  uint32_t arrivals = 0;  // per mille of the passes
  uint32_t most_arrivals = 4;
  uint32_t addresses = 4;
  uint32_t stalls = 0;  // per mille of the passes
  bool comes_to_rest = false;
  // In which pass the listener drains; 0: never.
  uint32_t drains_at = 0;
  uint32_t drain_grace_ms = 0;

  static Scenario Draw(Random* random);
};

}  // namespace holdfast::simulation
