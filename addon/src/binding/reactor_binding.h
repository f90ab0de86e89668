#pragma once

#include <napi.h>

#include <functional>
#include <memory>

#include "binding/shared_memory.h"
#include "reactor/reactor.h"

namespace holdfast {

// A reactor as JavaScript sees it: the object's functions, the shared buffers, and the one call
// into JavaScript that delivers a batch.
class ReactorBinding final : private Host {
 public:
  ReactorBinding(Napi::Env env, Napi::Function deliver, std::unique_ptr<SharedBuffers> buffers);

  // 0, or a positive errno.
  int Start(IoKind kind) { return reactor_.Start(kind); }
  Napi::Object Describe();
  void Stop(std::function<void()> done);

 private:
  void Deliver(uint32_t count, uint32_t slab_bytes) override;

  Napi::Value Flush(const Napi::CallbackInfo& info);
  Napi::Value Send(const Napi::CallbackInfo& info);
  Napi::Value Broadcast(const Napi::CallbackInfo& info);
  Napi::Value ListenerQueueMemory(const Napi::CallbackInfo& info);
  Napi::Value Listen(const Napi::CallbackInfo& info);
  Napi::Value DrainListener(const Napi::CallbackInfo& info);
  Napi::Value SetListenerRef(const Napi::CallbackInfo& info);
  Napi::Value SuspendListener(const Napi::CallbackInfo& info);
  Napi::Value ListenerKeepalive(const Napi::CallbackInfo& info);
  Napi::Value SetConnectionRef(const Napi::CallbackInfo& info);
  Napi::Value SetNoDelay(const Napi::CallbackInfo& info);
  Napi::Value SetKeepalive(const Napi::CallbackInfo& info);
  Napi::Value GetKeepalive(const Napi::CallbackInfo& info);
  Napi::Value ReadInfo(const Napi::CallbackInfo& info);
  Napi::Value InspectAll(const Napi::CallbackInfo& info);
  Napi::Value Peer(const Napi::CallbackInfo& info);
  Napi::Value Local(const Napi::CallbackInfo& info);

  using Method = Napi::Value (ReactorBinding::*)(const Napi::CallbackInfo&);
  template <Method method>
  void Expose(Napi::Object target, const char* name);

  Napi::Env env_;
  Napi::FunctionReference deliver_;
  Napi::AsyncContext context_;
  const std::unique_ptr<SharedBuffers> buffers_;
  Reactor reactor_;
  bool stopping_ = false;
};

}  // namespace holdfast
