#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "reactor/reactor.h"
#include "simulation/model.h"
#include "simulation/random.h"

namespace holdfast::simulation {

struct HostOptions {
  uint32_t completions = 64;
  uint32_t receive_slab_bytes = 4096;
  uint32_t submissions = 16;
  uint32_t submit_slab_bytes = 4096;
  uint32_t above_low_bytes = 16'384;  // from the low watermark of a listener to the high one
  uint32_t largest_write_bytes = 8192;
  uint32_t slots = 2048;
  uint32_t listener_acts = 0;  // per mille of the records told
  uint32_t broadcasts = 0;     // per mille of the writes
  uint32_t eagerness = 300;    // per mille of the occasions to do something
};

// The host that JavaScript is otherwise: it answers at random, also under ids that are long gone,
// and tells the model what it did.
class SimulatedHost final : public Host {
 public:
  SimulatedHost(const HostOptions& options, Random* random, Model* model);

  // `act_on_listeners`: what the host does with them, from inside of a delivery too.
  void Attach(Reactor* reactor, std::function<void()> act_on_listeners) {
    reactor_ = reactor;
    act_on_listeners_ = std::move(act_on_listeners);
  }
  SharedMemory memory();
  // As a timer of the host does.
  void ActOnAny();
  // Reads from everybody, and does nothing more of its own accord.
  void BeStill();
  void Deliver(uint32_t count, uint32_t slab_bytes) override;

  std::span<const uint32_t> queued_bytes() const { return queued_bytes_; }

 private:
  Event Read(uint32_t index, const std::vector<std::byte>& slab);
  void Answer(const Event& event);
  void Act(ConnectionId id);
  void Ping(ConnectionId id, bool open);
  void Write(ConnectionId id, uint32_t bytes);
  // The same to all of a listener that may be written to, and to some that are gone.
  void Broadcast(ConnectionId first, uint32_t bytes);
  void CountQueued(ConnectionId id, uint32_t bytes);
  void Submit(SubmissionOp op, ConnectionId id, uint32_t a = 0, uint32_t b = 0);

  const HostOptions options_;
  Random& random_;
  Model& model_;
  Reactor* reactor_ = nullptr;
  std::function<void()> act_on_listeners_;
  std::vector<int32_t> completions_;
  std::vector<std::byte> receive_slab_;
  std::vector<int32_t> submissions_;
  std::vector<std::byte> submit_slab_;
  std::vector<uint32_t> control_;
  std::vector<uint32_t> queued_bytes_;
  std::vector<uint8_t> wants_drain_;
  std::vector<uint32_t> throttles_;
  std::vector<ConnectionId> known_;  // open or not
  uint32_t broadcasts_ = 0;
  bool still_ = false;
};

}  // namespace holdfast::simulation
