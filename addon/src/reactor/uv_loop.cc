#include "reactor/uv_loop.h"

#include <utility>

#include "base/check.h"

namespace holdfast {

struct UvLoop::Handles {
  uv_prepare_t prepare;
  uv_check_t check;
  uv_idle_t idle;
  uv_timer_t timer;
  uint32_t open = 4;
  std::function<void()> done;
};

namespace {
template <class Handle>
uv_handle_t* AsHandle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}
}  // namespace

UvLoop::UvLoop(uv_loop_t* loop) : loop_(loop), handles_(new Handles) {
  uv_prepare_init(loop, &handles_->prepare);
  uv_check_init(loop, &handles_->check);
  uv_idle_init(loop, &handles_->idle);
  uv_timer_init(loop, &handles_->timer);
  handles_->prepare.data = this;
  handles_->check.data = this;
}

void UvLoop::Start(LoopCalls calls) {
  calls_ = std::move(calls);
  uv_prepare_start(&handles_->prepare, [](uv_prepare_t* handle) {
    static_cast<UvLoop*>(handle->data)->calls_.before_poll();
  });
  uv_check_start(&handles_->check, [](uv_check_t* handle) {
    static_cast<UvLoop*>(handle->data)->calls_.after_poll();
  });
  uv_unref(AsHandle(&handles_->prepare));
  uv_unref(AsHandle(&handles_->check));
  uv_unref(AsHandle(&handles_->idle));
  uv_unref(AsHandle(&handles_->timer));
}

UvLoop::~UvLoop() {
  HF_CHECK(handles_ == nullptr);
}

void UvLoop::KeepTurning(bool on) {
  if (on == turning_) return;
  turning_ = on;
  if (on) {
    uv_idle_start(&handles_->idle, [](uv_idle_t*) {});
  } else {
    uv_idle_stop(&handles_->idle);
  }
}

void UvLoop::WakeAt(std::optional<uint64_t> at_ms) {
  if (at_ms == wake_at_ms_) return;
  wake_at_ms_ = at_ms;
  if (!at_ms) {
    uv_timer_stop(&handles_->timer);
    return;
  }
  const uint64_t now_ms = NowMs();
  handles_->timer.data = this;
  uv_timer_start(
      &handles_->timer,
      [](uv_timer_t* timer) {
        auto* self = static_cast<UvLoop*>(timer->data);
        self->wake_at_ms_.reset();
        self->calls_.on_wake();
      },
      *at_ms > now_ms ? *at_ms - now_ms : 0, 0);
}

void UvLoop::Reference() {
  if (references_++ == 0) uv_ref(AsHandle(&handles_->prepare));
}

void UvLoop::Unreference() {
  HF_CHECK(references_ > 0);
  if (--references_ == 0) uv_unref(AsHandle(&handles_->prepare));
}

void UvLoop::Stop(std::function<void()> done) {
  Handles* handles = std::exchange(handles_, nullptr);
  handles->done = std::move(done);
  for (uv_handle_t* handle : {AsHandle(&handles->prepare), AsHandle(&handles->check),
                              AsHandle(&handles->idle), AsHandle(&handles->timer)}) {
    handle->data = handles;
    uv_close(handle, [](uv_handle_t* closed) {
      auto* handles = static_cast<Handles*>(closed->data);
      if (--handles->open > 0) return;
      const std::function<void()> done = std::move(handles->done);
      delete handles;
      done();
    });
  }
}

}  // namespace holdfast
