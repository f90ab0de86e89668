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
  // Nothing but peers that read late, lose a segment now and then, or vanish.
  bool patient = false;
  uint32_t listeners = 1;      // from the start
  uint32_t listener_acts = 0;  // per mille of the passes
  HostOptions host;
  Weather weather;
  uint64_t start_ms = 0;
  uint32_t acts_per_pass = 20;
  uint32_t arrivals = 0;  // per mille of the passes
  uint32_t most_arrivals = 4;
  uint32_t addresses = 4;
  uint32_t stalls = 0;  // per mille of the passes
  bool comes_to_rest = false;

  static Scenario Draw(Random* random);
};

// One of a listener, drawn for itself: those of one run differ in all of it.
ListenerOptions DrawListener(Random* random, bool patient);

}  // namespace holdfast::simulation
