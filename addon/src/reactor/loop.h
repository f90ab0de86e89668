#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <optional>

namespace holdfast {

// The handles by which a reactor lives on the loop of its environment. All are unreferenced but
// `prepare`, whose reference stands for every listener and connection that keeps the process alive.
class Loop {
 public:
  // `before_poll` runs right before the loop waits, `after_poll` right after; `on_wake` runs when
  // the time of WakeAt has come, before both.
  Loop(uv_loop_t* loop, std::function<void()> before_poll, std::function<void()> after_poll,
       std::function<void()> on_wake);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  uint64_t NowMs() const { return uv_now(loop_); }

  // While on, the loop polls without waiting.
  void KeepTurning(bool on);
  // Wakes the loop at that time; nothing: no timer at all.
  void WakeAt(std::optional<uint64_t> at_ms);

  void Reference();
  void Unreference();

  // Closes the handles; `done` is called when the loop has let go of them.
  void Stop(std::function<void()> done);

 private:
  struct Handles;

  uv_loop_t* const loop_;
  std::function<void()> before_poll_;
  std::function<void()> after_poll_;
  std::function<void()> on_wake_;
  Handles* handles_;  // freed by the last close callback
  uint32_t references_ = 0;
  bool turning_ = false;
  std::optional<uint64_t> wake_at_ms_;
};

}  // namespace holdfast
