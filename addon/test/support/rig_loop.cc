// How a rig runs its loop.

#include <doctest/doctest.h>

#include "support/rig.h"

namespace holdfast::test {

namespace {

uv_handle_t* AsHandle(void* handle) {
  return static_cast<uv_handle_t*>(handle);
}

// A timer of the stack: closed, and seen off by the loop, before it goes out of scope.
struct Timer {
  explicit Timer(uv_loop_t* on) : loop(on) {
    uv_timer_init(loop, &handle);
    handle.data = this;
  }
  ~Timer() {
    uv_close(AsHandle(&handle),
             [](uv_handle_t* closed) { static_cast<Timer*>(closed->data)->gone = true; });
    while (!gone) uv_run(loop, UV_RUN_NOWAIT);
  }

  void Start(uint64_t ms, bool repeat, std::function<void()> call) {
    called = std::move(call);
    uv_timer_start(
        &handle, [](uv_timer_t* timer) { static_cast<Timer*>(timer->data)->called(); }, ms,
        repeat ? ms : 0);
  }

  uv_loop_t* loop;
  uv_timer_t handle;
  std::function<void()> called;
  bool gone = false;
};

}  // namespace

bool Rig::Run(const std::function<bool()>& done, uint64_t most_ms,
              const std::function<void()>& pump) {
  bool late = false;
  Timer watchdog(&loop_);
  Timer ticker(&loop_);
  uv_update_time(&loop_);
  watchdog.Start(most_ms, false, [&late] { late = true; });
  if (pump) ticker.Start(1, true, pump);
  while (!done()) {
    if (late) return false;
    uv_run(&loop_, UV_RUN_ONCE);
  }
  return true;
}

uint64_t Rig::RunFor(uint64_t ms) {
  bool over = false;
  uint64_t rounds = 0;
  Timer watchdog(&loop_);
  uv_update_time(&loop_);
  watchdog.Start(ms, false, [&over] { over = true; });
  for (; !over; ++rounds) uv_run(&loop_, UV_RUN_ONCE);
  return rounds;
}

void Rig::BeginStop() {
  reactor_->Stop([this] { reactor_.reset(); });
  // What the stop itself flushed could not be delivered any more.
  stopping_ = true;
}

void Rig::Stop() {
  if (!stopping_) BeginStop();
  CHECK(Run([this] { return reactor_ == nullptr; }));
  for (int i = 0; i < 3; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
  CHECK(uv_loop_close(&loop_) == 0);
}

}  // namespace holdfast::test
