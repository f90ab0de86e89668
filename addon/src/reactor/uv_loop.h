#pragma once

#include <uv.h>

#include "reactor/loop.h"

namespace holdfast {

// The handles by which a reactor lives on the libuv loop of its environment. All are unreferenced
// but `prepare`, whose reference stands for every listener and connection that keeps the process
// alive.
class UvLoop final : public Loop {
 public:
  explicit UvLoop(uv_loop_t* loop);
  UvLoop(const UvLoop&) = delete;
  UvLoop& operator=(const UvLoop&) = delete;
  ~UvLoop() override;

  void Start(LoopCalls calls) override;
  uint64_t NowMs() const override { return uv_now(loop_); }
  void KeepTurning(bool on) override;
  void WakeAt(std::optional<uint64_t> at_ms) override;
  void Reference() override;
  void Unreference() override;
  void Stop(std::function<void()> done) override;

 private:
  struct Handles;

  uv_loop_t* const loop_;
  LoopCalls calls_;
  Handles* handles_;  // freed by the last close callback
  uint32_t references_ = 0;
  bool turning_ = false;
  std::optional<uint64_t> wake_at_ms_;
};

}  // namespace holdfast
