#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace holdfast {

// What a loop calls. `on_wake` runs when the time of WakeAt has come, before the other two.
struct LoopCalls {
  std::function<void()> before_poll;  // right before the loop waits
  std::function<void()> after_poll;   // right after
  std::function<void()> on_wake;
};

// The time that a reactor lives by, and when it is called. Implementations: UvLoop, and that of the
// simulation, whose clock is an argument.
class Loop {
 public:
  virtual ~Loop() = default;

  virtual void Start(LoopCalls calls) = 0;
  // What the loop read after it last waited.
  virtual uint64_t NowMs() const = 0;
  // While on, the loop polls without waiting.
  virtual void KeepTurning(bool on) = 0;
  // Wakes the loop at that time; nothing: no timer at all.
  virtual void WakeAt(std::optional<uint64_t> at_ms) = 0;
  // Each reference keeps the environment alive.
  virtual void Reference() = 0;
  virtual void Unreference() = 0;
  // Calls nothing any more; `done` is called when it has let go of what it holds.
  virtual void Stop(std::function<void()> done) = 0;
};

}  // namespace holdfast
