#include <uv.h>

#include <vector>

#include "../../load/report.h"
#include "contestants.h"
#include "measure.h"
#include "traffic.h"

namespace bench {

// The loop never runs, for nobody is ever idle: what is measured is that each message moves a
// timer. The loop's time is set by hand, as the loop does after it has waited.
Figures RunTimers(const Scale& scale) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) Fail("uv_loop_init");
  Traffic traffic;
  Figures figures;
  const uint64_t before = HeapBytes();
  std::vector<uv_timer_t> timers(scale.connections);
  for (uint32_t client = 0; client < scale.connections; client++) {
    uv_timer_init(&loop, &timers[client]);
    uv_timer_start(
        &timers[client], [](uv_timer_t*) { Fail("a timer rang"); }, kIdleMs, kIdleMs);
  }
  figures.deadline_bytes = static_cast<double>(HeapBytes() - before) / scale.connections;
  for (uint32_t client = 0; client < scale.connections; client++) traffic.Plan(client);
  const auto step = [&](CpuTime* moving) {
    const std::vector<uint32_t>& senders = traffic.Next();
    loop.time += kStepMs;
    moving->Spend([&] {
      for (const uint32_t client : senders) uv_timer_again(&timers[client]);
    });
    for (const uint32_t client : senders) traffic.Plan(client);
    return senders.size();
  };
  CpuTime unused, moving;
  for (uint32_t i = 0; i < kWarmupSeconds * kStepsPerSecond; i++) step(&unused);
  for (uint32_t i = 0; i < scale.seconds * kStepsPerSecond; i++) figures.messages += step(&moving);
  for (const uv_timer_t& timer : timers) {
    const uint64_t due_ms = uv_timer_get_due_in(&timer);
    if (due_ms == 0 || due_ms > kIdleMs) Fail("a timer is not where its traffic has put it");
  }
  figures.deadline_cpu_percent = static_cast<double>(moving.ns()) / 1e7 / scale.seconds;
  figures.message_ns = static_cast<double>(moving.ns()) / static_cast<double>(figures.messages);
  return figures;
}

}  // namespace bench
