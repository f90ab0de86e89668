#include "simulation/simulation.h"

#include <algorithm>
#include <memory>

#include "simulation/doors.h"
#include "simulation/scenario.h"
#include "simulation/simulated_host.h"
#include "simulation/simulated_io.h"

namespace holdfast::simulation {

namespace {

// Long enough for every rule of a scenario to come due, and for all that is queued.
constexpr uint32_t kRestPasses = 400;
constexpr uint32_t kRestRounds = 8;

class Simulation {
 public:
  explicit Simulation(uint64_t seed)
      : random_(seed),
        scenario_(Scenario::Draw(&random_)),
        network_(&random_, scenario_.weather, scenario_.start_ms),
        model_(&schedule_, &network_),
        host_(scenario_.host, &random_, &model_),
        doors_(scenario_.patient, &random_, &network_, &model_) {
    the_network = &network_;
    schedule_.now_ms = scenario_.start_ms;
  }
  ~Simulation() { the_network = nullptr; }

  Result Run(uint32_t steps) {
    reactor_ = std::make_unique<Reactor>(std::make_unique<SimulatedLoop>(&schedule_),
                                         random_.Next(), host_.memory(), host_);
    doors_.Attach(reactor_.get());
    host_.Attach(reactor_.get(), [this] { doors_.Act(); });
    reactor_->Start([this](IoSink& sink) -> std::unique_ptr<Io> {
      auto io = std::make_unique<SimulatedIo>(sink, scenario_.manner, &random_, &network_, &model_);
      io_ = io.get();
      return io;
    });
    for (uint32_t i = 0; i < scenario_.listeners; ++i) doors_.Open();
    for (uint32_t step = 0; step < steps && Fine(); ++step) Pass(false);
    if (Fine() && scenario_.comes_to_rest) Rest();
    if (Fine()) Stop();
    // A reactor with a complaint is left as it is: taking it down might hide what happened to it.
    if (!Fine()) (void)reactor_.release();
    return {model_.complaint(), model_.hash(), model_.events(), network_.coverage()};
  }

 private:
  bool Fine() const { return model_.complaint().empty(); }

  // As uv_run: prepare, poll, check, closing, timers.
  void Pass(bool resting) {
    if (!resting && random_.Chance(scenario_.host.eagerness)) host_.ActOnAny();
    if (!resting && random_.Chance(scenario_.listener_acts)) doors_.Act();
    const uint64_t began_ms = last_ms_;
    last_ms_ = schedule_.now_ms;
    schedule_.calls.before_poll();
    model_.Observe(*reactor_);
    Wait(resting);
    io_->Poll();
    schedule_.calls.after_poll();
    const bool put_off = io_->HasReady();
    model_.Check(*reactor_, put_off_ ? 0 : began_ms, put_off, host_.queued_bytes());
    put_off_ = put_off;
    io_->AnswerClosed(false);
    schedule_.RunTimer();
  }

  void Wait(bool resting) {
    if (resting && random_.Chance(100)) network_.ActOnAll();
    const uint32_t acts = resting ? 0 : random_.Below(scenario_.acts_per_pass);
    for (uint32_t i = 0; i < acts; ++i) network_.Act();
    if (!resting && random_.Chance(scenario_.arrivals)) {
      doors_.Arrive(random_.Between(1, scenario_.most_arrivals), scenario_.addresses);
    }
    if (!resting && random_.Chance(20))
      network_.without_descriptors = !network_.without_descriptors;
    uint64_t wait_ms = random_.Below(schedule_.turning ? 3 : 60);
    if (!schedule_.turning && schedule_.wake_at_ms) {
      const uint64_t left_ms = std::max(*schedule_.wake_at_ms, schedule_.now_ms) - schedule_.now_ms;
      wait_ms = std::min(wait_ms, left_ms);
    }
    // The host computes, or the machine is busy.
    if (random_.Chance(scenario_.stalls)) wait_ms += random_.Below(400);
    schedule_.now_ms += wait_ms;
    network_.Advance(schedule_.now_ms);
  }

  void Rest() {
    network_.Calm();
    host_.BeStill();
    // Most need one round; many connections that are read a byte at a time need more.
    for (uint32_t round = 1; round <= kRestRounds && Fine(); ++round) {
      for (uint32_t pass = 0; pass < kRestPasses && Fine(); ++pass) Pass(true);
      if (Fine() && model_.CheckAtRest(*reactor_, round == kRestRounds)) return;
    }
  }

  void Stop() {
    bool done = false;
    model_.Stops();
    reactor_->Stop([&done] { done = true; });
    if (!done) return model_.Complain({}, "a stop that never comes");
    if (io_->held() != 0) model_.Complain({}, "the Io holds sockets after the stop");
    if (network_.open_handles() != 0) model_.Complain({}, "sockets are open after the stop");
    if (!Fine()) return;
    reactor_.reset();
    if (network_.reserves_open != 0) model_.Complain({}, "the reserve is open after the stop");
  }

  Random random_;
  const Scenario scenario_;
  Schedule schedule_;
  Network network_;
  Model model_;
  SimulatedHost host_;
  Doors doors_;
  std::unique_ptr<Reactor> reactor_;
  SimulatedIo* io_ = nullptr;
  uint64_t last_ms_ = 0;
  bool put_off_ = false;
};

}  // namespace

Result Simulate(uint64_t seed, uint32_t steps) {
  return Simulation(seed).Run(steps);
}

}  // namespace holdfast::simulation
