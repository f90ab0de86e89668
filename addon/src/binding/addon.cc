#include <napi.h>
#include <node_api.h>
#include <uv.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "binding/convert.h"
#include "binding/reactor_binding.h"
#include "binding/sockets.h"

namespace holdfast {

namespace {

// What one environment (the main thread or a worker) has loaded. Handles on its loop close
// asynchronously, so the environment is asked to wait: a synchronous hook is not enough when the
// addon is loaded in a worker only.
class AddonInstance {
 public:
  explicit AddonInstance(Napi::Env env) {
    napi_add_async_cleanup_hook(
        env,
        [](napi_async_cleanup_hook_handle, void* self) {
          static_cast<AddonInstance*>(self)->Stop();
        },
        this, &cleanup_);
  }

  Napi::Value CreateReactor(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const std::string io = info[0].As<Napi::String>();
    auto buffers = SharedBuffers::Allocate(env);
    if (!buffers) return env.Undefined();
    auto reactor =
        std::make_unique<ReactorBinding>(env, info[1].As<Napi::Function>(), std::move(buffers));
    const int error = reactor->Start(io == "epoll" ? IoKind::kEpoll : IoKind::kUv);
    reactors_.push_back(std::move(reactor));
    if (error != 0) {
      SystemError(env, {error, "epoll_create1"}, {}).ThrowAsJavaScriptException();
      return env.Undefined();
    }
    return reactors_.back()->Describe();
  }

 private:
  void Stop() {
    pending_ = reactors_.size() + 1;
    for (const auto& reactor : reactors_) reactor->Stop([this] { StoppedOne(); });
    StoppedOne();
  }

  void StoppedOne() {
    if (--pending_ == 0) napi_remove_async_cleanup_hook(cleanup_);
  }

  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  std::vector<std::unique_ptr<ReactorBinding>> reactors_;
  size_t pending_ = 0;
};

// The libuv of this Node must lay out its handles as the one whose headers were compiled: the addon
// embeds them. They agree from Node 20 to 26.
bool HandleSizesAgree() {
  return uv_handle_size(UV_TCP) == sizeof(uv_tcp_t) &&
         uv_handle_size(UV_POLL) == sizeof(uv_poll_t) &&
         uv_handle_size(UV_PREPARE) == sizeof(uv_prepare_t) &&
         uv_handle_size(UV_CHECK) == sizeof(uv_check_t) &&
         uv_handle_size(UV_IDLE) == sizeof(uv_idle_t) &&
         uv_handle_size(UV_TIMER) == sizeof(uv_timer_t) &&
         uv_req_size(UV_WRITE) == sizeof(uv_write_t) &&
         uv_req_size(UV_SHUTDOWN) == sizeof(uv_shutdown_t);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (!HandleSizesAgree()) {
    Napi::Error::New(
        env, std::string("holdfast was compiled for another libuv than ") + uv_version_string())
        .ThrowAsJavaScriptException();
    return exports;
  }
  auto* instance = new AddonInstance(env);
  env.SetInstanceData(instance);
  exports.Set("layout", DescribeLayout(env));
  Napi::Array kinds = Napi::Array::New(env);
#ifdef __linux__
  kinds.Set(kinds.Length(), "epoll");
#endif
  kinds.Set(kinds.Length(), "uv");
  exports.Set("ioKinds", kinds);
  exports.Set("createReactor",
              Napi::Function::New(
                  env,
                  [](const Napi::CallbackInfo& info) {
                    return info.Env().GetInstanceData<AddonInstance>()->CreateReactor(info);
                  },
                  "createReactor"));
  exports.Set("readPortSockets", Napi::Function::New(env, ReadPortSockets, "readPortSockets"));
  exports.Set("tuneSocket", Napi::Function::New(env, TuneSocket, "tuneSocket"));
  return exports;
}

}  // namespace

NODE_API_MODULE(holdfast, Init)

}  // namespace holdfast
