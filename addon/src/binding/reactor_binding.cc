#include "binding/reactor_binding.h"

#include <node_api.h>

#include "base/check.h"
#include "binding/convert.h"

namespace holdfast {

namespace {

uv_loop_t* LoopOf(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  return loop;
}

uint32_t ReadUint(const Napi::Value& value) {
  return value.As<Napi::Number>().Uint32Value();
}

// The elements of a typed array. False for a worker that is being terminated.
template <class Element>
bool ReadElements(Napi::Env env, Napi::Value array, std::span<Element>* out) {
  // Not by the ArrayBuffer behind it: there is none where the memory is shared.
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  *out = {static_cast<Element*>(data), length};
  return true;
}

ConnectionId ReadId(const Napi::CallbackInfo& info) {
  return {ReadUint(info[0]), ReadUint(info[1])};
}

}  // namespace

ReactorBinding::ReactorBinding(Napi::Env env, Napi::Function deliver,
                               std::unique_ptr<SharedBuffers> buffers)
    : env_(env),
      deliver_(Napi::Persistent(deliver)),
      context_(env, "holdfast"),
      buffers_(std::move(buffers)),
      reactor_(LoopOf(env), buffers_->memory(), *this) {}

// Inside a callback scope: when the call returns, its process.nextTick and promise jobs have run.
void ReactorBinding::Deliver(uint32_t count, uint32_t slab_bytes) {
  if (stopping_) return;
  Napi::HandleScope scope(env_);
  deliver_.MakeCallback(env_.Global(),
                        {Napi::Number::New(env_, count), Napi::Number::New(env_, slab_bytes)},
                        context_);
  // Dispatch catches what handlers throw, so this is a mistake in holdfast or a worker that is
  // being terminated; the former must be seen.
  if (env_.IsExceptionPending()) {
    napi_value exception;
    napi_get_and_clear_last_exception(env_, &exception);
    napi_fatal_exception(env_, exception);
  }
}

void ReactorBinding::Stop(std::function<void()> done) {
  stopping_ = true;
  reactor_.Stop(std::move(done));
}

template <ReactorBinding::Method method>
void ReactorBinding::Expose(Napi::Object target, const char* name) {
  const auto call = [](const Napi::CallbackInfo& info) -> Napi::Value {
    auto* self = static_cast<ReactorBinding*>(info.Data());
    // A script that still runs while its environment goes away finds nothing to work on.
    if (self->stopping_) return info.Env().Undefined();
    return (self->*method)(info);
  };
  target.Set(name, Napi::Function::New(env_, call, name, this));
}

Napi::Object ReactorBinding::Describe() {
  Napi::Object object = Napi::Object::New(env_);
  buffers_->Expose(object);
  Expose<&ReactorBinding::Flush>(object, "flush");
  Expose<&ReactorBinding::Send>(object, "send");
  Expose<&ReactorBinding::Broadcast>(object, "broadcast");
  Expose<&ReactorBinding::Listen>(object, "listen");
  Expose<&ReactorBinding::DrainListener>(object, "drainListener");
  Expose<&ReactorBinding::SetListenerRef>(object, "setListenerRef");
  Expose<&ReactorBinding::SuspendListener>(object, "suspendListener");
  Expose<&ReactorBinding::ListenerKeepalive>(object, "listenerKeepalive");
  Expose<&ReactorBinding::ListenerQueueMemory>(object, "listenerQueueMemory");
  Expose<&ReactorBinding::SetConnectionRef>(object, "setConnectionRef");
  Expose<&ReactorBinding::SetNoDelay>(object, "setNoDelay");
  Expose<&ReactorBinding::SetKeepalive>(object, "setKeepalive");
  Expose<&ReactorBinding::GetKeepalive>(object, "getKeepalive");
  Expose<&ReactorBinding::ReadInfo>(object, "readInfo");
  Expose<&ReactorBinding::InspectAll>(object, "inspectAll");
  Expose<&ReactorBinding::Peer>(object, "peer");
  Expose<&ReactorBinding::Local>(object, "local");
  return object;
}

Napi::Value ReactorBinding::Flush(const Napi::CallbackInfo&) {
  reactor_.Flush();
  return env_.Undefined();
}

Napi::Value ReactorBinding::Send(const Napi::CallbackInfo& info) {
  std::span<const std::byte> bytes;
  if (ReadElements(env_, info[2], &bytes)) reactor_.Send(ReadId(info), bytes);
  return env_.Undefined();
}

Napi::Value ReactorBinding::Broadcast(const Napi::CallbackInfo& info) {
  Listener* listener = reactor_.FindListener(ReadUint(info[0]));
  std::span<uint32_t> words;
  std::span<const std::byte> bytes;
  if (listener == nullptr || !ReadElements(env_, info[1], &words) ||
      !ReadElements(env_, info[3], &bytes)) {
    return env_.Undefined();
  }
  const size_t count = ReadUint(info[2]);
  static_assert(sizeof(BroadcastTarget) == 2 * sizeof(uint32_t));
  HF_CHECK(count * 2 <= words.size());
  reactor_.Broadcast(*listener, {reinterpret_cast<BroadcastTarget*>(words.data()), count}, bytes);
  return env_.Undefined();
}

Napi::Value ReactorBinding::Listen(const Napi::CallbackInfo& info) {
  ListenerOptions options;
  if (!ReadListenOptions(info[0].As<Napi::Object>(), &options)) return env_.Undefined();
  Listener* listener = nullptr;
  const platform::Outcome outcome = reactor_.Listen(options, &listener);
  if (outcome.error != 0) {
    SystemError(env_, outcome, options.bind.address).ThrowAsJavaScriptException();
    return env_.Undefined();
  }
  Napi::Object listening = WriteAddress(env_, listener->address);
  listening.Set("listener", listener->id);
  return listening;
}

Napi::Value ReactorBinding::DrainListener(const Napi::CallbackInfo& info) {
  Listener* listener = reactor_.FindListener(ReadUint(info[0]));
  if (listener != nullptr) reactor_.DrainListener(*listener, ReadUint(info[1]));
  return env_.Undefined();
}

Napi::Value ReactorBinding::SetListenerRef(const Napi::CallbackInfo& info) {
  Listener* listener = reactor_.FindListener(ReadUint(info[0]));
  if (listener != nullptr && listener->state != ListenerState::kClosed) {
    reactor_.SetListenerReferenced(*listener, info[1].As<Napi::Boolean>());
  }
  return env_.Undefined();
}

Napi::Value ReactorBinding::SuspendListener(const Napi::CallbackInfo& info) {
  Listener* listener = reactor_.FindListener(ReadUint(info[0]));
  if (listener == nullptr) return env_.Undefined();
  info[1].As<Napi::Boolean>() ? reactor_.SuspendListener(*listener)
                              : reactor_.ResumeListener(*listener);
  return env_.Undefined();
}

Napi::Value ReactorBinding::ListenerKeepalive(const Napi::CallbackInfo& info) {
  const Listener* listener = reactor_.FindListener(ReadUint(info[0]));
  if (listener == nullptr) return env_.Undefined();
  Napi::Object effective =
      WriteEffectiveKeepalive(env_, listener->in_force, listener->unsupported,
                              listener->SetsPerSocket(), listener->inheritance);
  if (listener->configure_error != 0) {
    effective.Set("failed", uv_err_name(-listener->configure_error));
  }
  return effective;
}

Napi::Value ReactorBinding::ListenerQueueMemory(const Napi::CallbackInfo& info) {
  const Listener* listener = reactor_.FindListener(ReadUint(info[0]));
  const uint64_t bytes = listener == nullptr ? 0 : listener->queue_memory.bytes;
  return Napi::Number::New(env_, static_cast<double>(bytes));
}

Napi::Value ReactorBinding::SetConnectionRef(const Napi::CallbackInfo& info) {
  Connection* connection = reactor_.FindConnection(ReadId(info));
  if (connection != nullptr) {
    reactor_.SetConnectionReferenced(*connection, info[2].As<Napi::Boolean>());
  }
  return Napi::Boolean::New(env_, connection != nullptr);
}

Napi::Value ReactorBinding::SetNoDelay(const Napi::CallbackInfo& info) {
  const Connection* connection = reactor_.FindConnection(ReadId(info));
  if (connection != nullptr) {
    platform::SetNoDelay(connection->socket.fd, info[2].As<Napi::Boolean>());
  }
  return Napi::Boolean::New(env_, connection != nullptr);
}

Napi::Value ReactorBinding::SetKeepalive(const Napi::CallbackInfo& info) {
  Connection* connection = reactor_.FindConnection(ReadId(info));
  if (connection == nullptr) return env_.Undefined();
  uint32_t detection_ms = 0;
  const platform::Keepalive wanted = ReadKeepalivePolicy(info[2], &detection_ms);
  platform::Unsupported unsupported;
  const int error = reactor_.SetKeepalive(*connection, wanted, detection_ms, &unsupported);
  if (error != 0) {
    SystemError(env_, {error, "setsockopt"}, connection->peer).ThrowAsJavaScriptException();
    return env_.Undefined();
  }
  return WriteEffectiveKeepalive(env_, platform::ReadKeepalive(connection->socket.fd, wanted),
                                 unsupported, true, Inheritance::kVerified);
}

Napi::Value ReactorBinding::GetKeepalive(const Napi::CallbackInfo& info) {
  const Connection* connection = reactor_.FindConnection(ReadId(info));
  if (connection == nullptr) return env_.Undefined();
  const Listener& listener = *connection->listener;
  const platform::Keepalive in_force =
      platform::ReadKeepalive(connection->socket.fd, listener.options.keepalive);
  return WriteEffectiveKeepalive(env_, in_force, listener.unsupported, listener.SetsPerSocket(),
                                 Inheritance::kVerified);
}

Napi::Value ReactorBinding::ReadInfo(const Napi::CallbackInfo& info) {
  const Connection* connection = reactor_.FindConnection(ReadId(info));
  if (connection == nullptr) return Napi::Boolean::New(env_, false);
  auto* scratch = reinterpret_cast<std::byte*>(buffers_->scratch());
  reactor_.Inspect(*connection).WriteTo({scratch, kEvidenceBytes});
  return Napi::Boolean::New(env_, true);
}

Napi::Value ReactorBinding::InspectAll(const Napi::CallbackInfo& info) {
  const Listener* listener = reactor_.FindListener(ReadUint(info[0]));
  if (listener == nullptr) return env_.Undefined();
  const size_t words = size_t{listener->connections} * kSocketRowWords;
  napi_value buffer = nullptr;
  void* data = nullptr;
  const napi_status status = napi_create_arraybuffer(env_, words * sizeof(double), &data, &buffer);
  if (status != napi_ok) return env_.Undefined();  // a worker that is being terminated
  const uint32_t count = reactor_.InspectAll(*listener, {static_cast<double*>(data), words});
  Napi::Object result = Napi::Object::New(env_);
  result.Set("rows", Napi::Value(env_, buffer));
  result.Set("count", count);
  return result;
}

Napi::Value ReactorBinding::Peer(const Napi::CallbackInfo& info) {
  const Connection* connection = reactor_.FindConnection(ReadId(info));
  if (connection == nullptr) return env_.Undefined();
  return WriteAddress(env_, connection->peer);
}

// Asked of the kernel, so that nobody pays for what few want to know.
Napi::Value ReactorBinding::Local(const Napi::CallbackInfo& info) {
  const Connection* connection = reactor_.FindConnection(ReadId(info));
  if (connection == nullptr) return env_.Undefined();
  return WriteAddress(env_, platform::LocalAddress(connection->socket.fd));
}

}  // namespace holdfast
