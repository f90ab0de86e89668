#pragma once

#include <vector>

#include "reactor/reactor.h"
#include "simulation/model.h"
#include "simulation/network.h"
#include "simulation/random.h"

namespace holdfast::simulation {

// The listeners of a run, as the host has them: several at once, each with options of its own,
// suspended, resumed, drained and closed at any time, and new ones opened beside connections of
// closed ones.
class Doors {
 public:
  Doors(bool patient, Random* random, Network* network, Model* model)
      : patient_(patient), random_(*random), network_(*network), model_(*model) {}

  void Attach(Reactor* reactor) { reactor_ = reactor; }
  void Open();
  // Something is done with one of them.
  void Act();
  // Clients come to any that listens, suspended or not.
  void Arrive(uint32_t count, uint32_t addresses);

 private:
  struct Entry {
    ListenerId id;
    platform::SocketHandle handle;
    bool drains = false;
  };
  // Those that are drained have closed since.
  void Forget();

  const bool patient_;
  Random& random_;
  Network& network_;
  Model& model_;
  Reactor* reactor_ = nullptr;
  std::vector<Entry> open_;
  uint32_t opened_ = 0;
};

}  // namespace holdfast::simulation
