#include "simulation/scenario.h"

namespace holdfast::simulation {

namespace {

// 0 in half of the runs.
uint32_t Sometimes(Random& random, uint32_t least, uint32_t most) {
  return random.Chance(500) ? 0 : random.Between(least, most);
}

DeadlineOptions DrawDeadlines(Random& random) {
  DeadlineOptions rules;
  if (random.Chance(400)) return rules;
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

IntakeOptions DrawIntake(Random& random) {
  IntakeOptions intake;
  if (random.Chance(500)) return intake;
  if (random.Chance(600)) {
    const uint32_t rate = random.Between(100, random.Chance(500) ? 2000 : 200'000);
    intake.bytes = {rate, rate / 10 + random.Between(1, 2 * rate)};
    intake.ends_fast = random.Chance(300);
  }
  if (random.Chance(500)) {
    intake.pings = {random.Between(1, 3000), random.Between(5, 8) * kPingTokens};
    intake.ends_pinging = random.Chance(300);
  }
  return intake;
}

AdmissionOptions DrawAdmission(Random& random) {
  AdmissionOptions door;
  if (random.Chance(400)) return door;
  door.deny_others = random.Chance(100);
  door.connections = Sometimes(random, 1, random.Chance(500) ? 3 : 40);
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

// All peers have addresses of 10.0.0.0/28.
ProxyOptions DrawProxies(Random& random) {
  if (random.Chance(700)) return {};
  Address first{.family = 4};
  first.bytes[0] = 10;
  const uint32_t bits = random.Chance(500) ? 8 : 30;
  return {.from = {PrefixOf(first, bits, bits)},
          .header_ms = random.Between(20, random.Chance(500) ? 200 : 2000),
          .deny_others = random.Chance(200)};
}

Weather DrawWeather(Random& random) {
  Weather weather;
  weather.listen_errors = Sometimes(random, 10, 300);
  weather.accept_errors = Sometimes(random, 5, 200);
  weather.attach_errors = Sometimes(random, 5, 100);
  weather.policy_errors = Sometimes(random, 10, 200);
  weather.stop_errors = Sometimes(random, 50, 1000);
  weather.resume_errors = Sometimes(random, 5, 100);
  weather.reserve_errors = Sometimes(random, 50, 500);
  weather.send_errors = Sometimes(random, 1, 50);
  weather.receive_errors = Sometimes(random, 1, 20);
  weather.shutdown_errors = Sometimes(random, 10, 300);
  weather.resets = Sometimes(random, 1, 40);
  weather.fins = Sometimes(random, 1, 40);
  weather.clogs = Sometimes(random, 5, 300);
  if (random.Chance(300)) weather.releases = 5;
  weather.failures = Sometimes(random, 1, 20);
  weather.vanishings = Sometimes(random, 5, 60);
  weather.cuts = Sometimes(random, 5, 40);
  weather.losses = Sometimes(random, 10, 300);
  weather.round_trip_ms = Sometimes(random, 1, 400);
  weather.window_bytes = random.Chance(500) ? 200 : 20'000;
  weather.tells_tcp_info = !random.Chance(150);
  weather.inherits = !random.Chance(100);
  return weather;
}

Weather PatientWeather(Random& random) {
  Weather weather;
  weather.clogs = random.Between(100, 300);
  weather.releases = random.Between(2, 60);
  weather.vanishings = Sometimes(random, 5, 40);
  weather.losses = Sometimes(random, 100, 400);
  weather.round_trip_ms = Sometimes(random, 100, 300);
  weather.window_bytes = random.Chance(500) ? 200 : 5000;
  return weather;
}

// As a KeepalivePolicy has it: the detection time follows from the rest. Short, so that a run sees
// it pass; on a system without TCP_RTO_MAX_MS the kernel asks at its own, growing intervals.
void DrawPolicy(Random& random, bool patient, ListenerOptions* listener) {
  platform::Keepalive& keepalive = listener->keepalive;
  if (random.Chance(150)) return;
  keepalive.enabled = true;
  keepalive.idle_ms = random.Between(300, patient ? 600 : 2000);
  keepalive.interval_ms = random.Between(100, patient ? 200 : 800);
  keepalive.count = random.Between(2, 5);
  listener->detection_ms = keepalive.idle_ms + keepalive.interval_ms * keepalive.count;
  if (random.Chance(500)) keepalive.rto_max_ms = 1000;
}

}  // namespace

ListenerOptions DrawListener(Random* from, bool patient) {
  Random& random = *from;
  ListenerOptions listener;
  listener.bind.address.family = 4;
  listener.low_watermark_bytes = random.Between(0, 8192);
  listener.accept_budget = random.Between(1, 64);
  listener.read_chunk_bytes = random.Between(1, 4096);
  listener.inherit = !random.Chance(200);
  DrawPolicy(random, patient, &listener);
  if (patient) return listener;
  listener.deadlines = DrawDeadlines(random);
  listener.intake = DrawIntake(random);
  listener.queue_memory_bytes = Sometimes(random, 10'000, random.Chance(500) ? 60'000 : 1'000'000);
  listener.admission = DrawAdmission(random);
  listener.when_full = static_cast<Consequence>(random.Below(3));
  listener.when_refused = random.Chance(500) ? Consequence::kReset : Consequence::kMessage;
  listener.proxy = DrawProxies(random);
  return listener;
}

Scenario Scenario::Draw(Random* from) {
  Random& random = *from;
  Scenario drawn;
  drawn.manner = random.Chance(500) ? Manner::kCollects : Manner::kCallsBack;
  drawn.patient = random.Chance(250);
  drawn.listeners = random.Chance(500) ? 1 : random.Between(2, 4);
  drawn.listener_acts = Sometimes(random, 5, 150);
  HostOptions& host = drawn.host;
  // Down to a batch with hardly room for one end and its evidence.
  host.completions = random.Chance(300) ? random.Between(2, 6) : random.Between(16, 256);
  host.receive_slab_bytes = random.Chance(300) ? 256 : 8 * random.Between(64, 2048);
  host.submissions = random.Between(2, 64);
  host.submit_slab_bytes = random.Between(64, 16'384);
  host.above_low_bytes = random.Between(0, 16'384);
  host.listener_acts = drawn.listener_acts / 2;
  if (random.Chance(200)) host.slots = random.Between(1, random.Chance(500) ? 3 : 12);
  host.largest_write_bytes = random.Chance(500) ? 200 : random.Between(200, 30'000);
  host.broadcasts = Sometimes(random, 10, 150);
  host.eagerness = random.Between(10, 700);
  drawn.weather = drawn.patient ? PatientWeather(random) : DrawWeather(random);
  // Some begin right before the wrap of the 32 bits in which activity is kept.
  drawn.start_ms = random.Chance(250) ? 0xffffffffull - random.Below(3000) : random.Below(100'000);
  drawn.acts_per_pass = random.Between(2, 40);
  drawn.arrivals = random.Between(50, 600);
  drawn.most_arrivals = random.Chance(200) ? 40 : 4;
  drawn.addresses = random.Between(1, 12);
  drawn.stalls = Sometimes(random, 5, 50);
  drawn.comes_to_rest = random.Chance(500);
  return drawn;
}

}  // namespace holdfast::simulation
