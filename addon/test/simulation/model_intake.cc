// What the model knows of a client's rates. It counts what stands above them, where net/intake.h
// counts what is left below.

#include <algorithm>
#include <utility>

#include "simulation/model.h"

namespace holdfast::simulation {

namespace {
// Of the sums of fractions below.
constexpr double kRounding = 1e-6;

double Ebbed(double level, double per_ms, uint64_t elapsed_ms) {
  return std::max(0.0, level - per_ms * static_cast<double>(elapsed_ms));
}
}  // namespace

void Model::CountBytes(Life& life, size_t bytes) {
  const IntakeOptions& intake = life.door->options.intake;
  const Rate& rate = intake.bytes;
  const uint64_t elapsed_ms = schedule_.now_ms - life.bytes_ms;
  life.bytes_level =
      Ebbed(life.bytes_level, rate.per_second / 1000.0, elapsed_ms) + static_cast<double>(bytes);
  life.bytes_ms = schedule_.now_ms;
  const double above = life.bytes_level - rate.burst;
  life.too_fast = above > kRounding;
  if (above > kRounding + (intake.ends_fast ? 1 : 0)) {
    Complain(life.id, "received from faster than its rate");
  }
}

void Model::Pinged(ConnectionId id) {
  Life& life = At(id);
  const Rate& rate = life.door->options.intake.pings;
  const uint64_t elapsed_ms = schedule_.now_ms - life.pings_ms;
  life.pings_level = Ebbed(life.pings_level, rate.per_second / 60'000.0, elapsed_ms) + 1;
  life.pings_ms = schedule_.now_ms;
  life.pings_too_often |= life.pings_level > rate.burst / kPingTokens + kRounding;
}

void Model::ObserveThrottling(Life& life, const Connection& connection) {
  if (!connection.throttled) {
    if (std::exchange(life.throttled_ms, 0) == 0) return;
    network_.Note(Seen::kThrottledGoesOn);
    if (OwedMs(life, schedule_.now_ms) > 0)
      Complain(life.id, "read from before its pings are paid");
    return;
  }
  if (life.throttled_ms == 0) {
    network_.Note(Seen::kThrottled);
    life.throttled_ms = schedule_.now_ms;
  }
  if (!life.paused) Complain(life.id, "throttled, and read from");
}

// Until the rate has paid for every ping.
uint64_t Model::OwedMs(const Life& life, uint64_t at_ms) const {
  const Rate& rate = life.door->options.intake.pings;
  if (!rate.limits()) return 0;
  const double per_ms = rate.per_second / 60'000.0;
  const double level = Ebbed(life.pings_level, per_ms, at_ms - life.pings_ms);
  const double owed = level - rate.burst / kPingTokens - kRounding;
  return owed <= 0 ? 0 : static_cast<uint64_t>(owed / per_ms) + 1;
}

// A quarter of a second brings what is worth a receive.
uint64_t Model::ThrottledMostMs(const Life& life, uint64_t since_ms) const {
  return std::max<uint64_t>(251, OwedMs(life, since_ms));
}

}  // namespace holdfast::simulation
