#include "simulation/scenario.h"

namespace holdfast::simulation {

namespace {

// 0 in half of the runs.
uint32_t Sometimes(Random& random, uint32_t least, uint32_t most) {
  return random.Chance(500) ? 0 : random.Between(least, most);
}

DeadlineOptions DrawDeadlines(Random& random) {
  DeadlineOptions rules;
  if (random.Chance(200)) return rules;
  rules.idle_ms = Sometimes(random, 20, 2000);
  rules.idle_read_ms = Sometimes(random, 20, 2000);
  rules.idle_write_ms = Sometimes(random, 100, 3000);
  rules.handshake_ms = Sometimes(random, 20, 1000);
  rules.lifetime_ms = Sometimes(random, 500, 4000);
  if (rules.lifetime_ms != 0) rules.lifetime_jitter_ms = random.Below(rules.lifetime_ms / 2);
  rules.beat_ms = Sometimes(random, 50, 1000);
  if (rules.beat_ms != 0) rules.beat_reply_ms = random.Between(10, 500);
  rules.end_ms = Sometimes(random, 10, 1000);
  rules.backlog_ms = Sometimes(random, 100, 1500);
  return rules;
}

AdmissionOptions DrawAdmission(Random& random) {
  AdmissionOptions door;
  if (random.Chance(400)) return door;
  door.connections = Sometimes(random, 1, 40);
  door.connections_per_address = Sometimes(random, 1, 10);
  if (random.Chance(300)) door.rate = {random.Between(1, 100), random.Between(1, 20)};
  if (random.Chance(300)) door.rate_per_address = {random.Between(1, 50), random.Between(1, 10)};
  if (random.Chance(300)) {
    Address denied{.family = 4};
    denied.bytes[0] = 10;
    door.rules.push_back({.prefix = PrefixOf(denied, 32, 64), .deny = true});
  }
  return door;
}

Weather DrawWeather(Random& random) {
  Weather weather;
  weather.accept_errors = Sometimes(random, 5, 200);
  weather.attach_errors = Sometimes(random, 5, 100);
  weather.send_errors = Sometimes(random, 1, 50);
  weather.receive_errors = Sometimes(random, 1, 20);
  weather.shutdown_errors = Sometimes(random, 10, 300);
  weather.resets = Sometimes(random, 1, 40);
  weather.fins = Sometimes(random, 1, 40);
  weather.clogs = Sometimes(random, 5, 300);
  weather.failures = Sometimes(random, 1, 20);
  return weather;
}

}  // namespace

Scenario Scenario::Draw(Random* from) {
  Random& random = *from;
  Scenario drawn;
  drawn.manner = random.Chance(500) ? Manner::kCollects : Manner::kCallsBack;
  ListenerOptions& listener = drawn.listener;
  listener.bind.address.family = 4;
  listener.low_watermark_bytes = random.Between(0, 8192);
  listener.accept_budget = random.Between(1, 64);
  listener.read_chunk_bytes = random.Between(1, 4096);
  listener.deadlines = DrawDeadlines(random);
  listener.admission = DrawAdmission(random);
  listener.when_full = static_cast<Consequence>(random.Below(3));
  listener.when_refused = random.Chance(500) ? Consequence::kReset : Consequence::kMessage;
  HostOptions& host = drawn.host;
  // Down to a batch with hardly room for one end and its evidence.
  host.completions = random.Chance(300) ? random.Between(2, 6) : random.Between(16, 256);
  host.receive_slab_bytes = random.Chance(300) ? 256 : 8 * random.Between(64, 2048);
  host.submissions = random.Between(2, 64);
  host.submit_slab_bytes = random.Between(64, 16'384);
  host.high_watermark_bytes = listener.low_watermark_bytes + random.Between(0, 16'384);
  host.largest_write_bytes = random.Chance(500) ? 200 : random.Between(200, 30'000);
  host.eagerness = random.Between(10, 700);
  drawn.weather = DrawWeather(random);
  // Some begin right before the wrap of the 32 bits in which activity is kept.
  drawn.start_ms = random.Chance(250) ? 0xffffffffull - random.Below(3000) : random.Below(100'000);
  drawn.acts_per_pass = random.Between(2, 40);
  drawn.arrivals = random.Between(50, 600);
  drawn.most_arrivals = random.Chance(200) ? 40 : 4;
  drawn.addresses = random.Between(1, 12);
  drawn.stalls = Sometimes(random, 5, 50);
  drawn.comes_to_rest = random.Chance(500);
  drawn.drains_at = Sometimes(random, 1, 150);
  drawn.drain_grace_ms = random.Chance(300) ? 0 : random.Below(500);
  return drawn;
}

}  // namespace holdfast::simulation
