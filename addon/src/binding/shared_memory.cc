#include "binding/shared_memory.h"

#include "base/ids.h"
#include "base/reason.h"
#include "platform/socket_table.h"
#include "queues/record.h"

namespace holdfast {

namespace {

// Empty when there is none to be had.
Napi::Reference<Napi::ArrayBuffer> NewBuffer(Napi::Env env, size_t bytes) {
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, bytes, &data, &buffer) != napi_ok) return {};
  return Napi::Persistent(Napi::ArrayBuffer(env, buffer));
}

Napi::Array Names(Napi::Env env, std::span<const char* const> names) {
  Napi::Array array = Napi::Array::New(env, names.size());
  for (uint32_t i = 0; i < names.size(); ++i) array.Set(i, names[i]);
  return array;
}

}  // namespace

std::unique_ptr<SharedBuffers> SharedBuffers::Allocate(Napi::Env env) {
  auto buffers = std::make_unique<SharedBuffers>();
  const auto allocate = [env](Napi::Reference<Napi::ArrayBuffer>& buffer, size_t bytes) {
    buffer = NewBuffer(env, bytes);
    return !buffer.IsEmpty();
  };
  constexpr size_t kRecordBytes = kRecordWords * sizeof(int32_t);
  const bool complete =
      allocate(buffers->completions_, kCompletionCapacity * kRecordBytes) &&
      allocate(buffers->receive_slab_, kReceiveSlabBytes) &&
      allocate(buffers->submissions_, kSubmissionCapacity * kRecordBytes) &&
      allocate(buffers->submit_slab_, kSubmitSlabBytes) &&
      allocate(buffers->control_, kControlWords * sizeof(uint32_t)) &&
      // Two words and one byte for each possible slot: address space, of which only the pages that
      // serve open connections ever become resident.
      allocate(buffers->queued_bytes_, size_t{kMaxConnections} * sizeof(uint32_t)) &&
      allocate(buffers->wants_drain_, kMaxConnections) &&
      allocate(buffers->throttles_, size_t{kMaxConnections} * sizeof(uint32_t)) &&
      allocate(buffers->scratch_, kEvidenceBytes);
  return complete ? std::move(buffers) : nullptr;
}

template <class T>
std::span<T> SharedBuffers::View(Napi::Reference<Napi::ArrayBuffer>& buffer) {
  Napi::ArrayBuffer value = buffer.Value();
  return {static_cast<T*>(value.Data()), value.ByteLength() / sizeof(T)};
}

SharedMemory SharedBuffers::memory() {
  return {View<int32_t>(completions_), View<std::byte>(receive_slab_),
          View<int32_t>(submissions_), View<std::byte>(submit_slab_),
          View<uint32_t>(control_),    View<uint32_t>(queued_bytes_),
          View<uint8_t>(wants_drain_), View<uint32_t>(throttles_)};
}

double* SharedBuffers::scratch() {
  return View<double>(scratch_).data();
}

void SharedBuffers::Expose(Napi::Object target) {
  target.Set("completions", completions_.Value());
  target.Set("receiveSlab", receive_slab_.Value());
  target.Set("submissions", submissions_.Value());
  target.Set("submitSlab", submit_slab_.Value());
  target.Set("control", control_.Value());
  target.Set("queuedBytes", queued_bytes_.Value());
  target.Set("wantsDrain", wants_drain_.Value());
  target.Set("throttles", throttles_.Value());
  target.Set("scratch", scratch_.Value());
}

Napi::Object DescribeLayout(Napi::Env env) {
  Napi::Object layout = Napi::Object::New(env);
  layout.Set("recordWords", kRecordWords);
  layout.Set("maxConnections", kMaxConnections);
  layout.Set("completionCapacity", kCompletionCapacity);
  layout.Set("submissionCapacity", kSubmissionCapacity);
  layout.Set("receiveSlabBytes", kReceiveSlabBytes);
  layout.Set("submitSlabBytes", kSubmitSlabBytes);
  layout.Set("addressBytes", kAddressBytes);
  layout.Set("openPeerBytes", kOpenPeerBytes);
  layout.Set("controlSubmissionCount", kControlSubmissionCount);
  layout.Set("controlSubmitBytes", kControlSubmitBytes);
  layout.Set("evidenceFields", Names(env, kEvidenceFieldNames));
  layout.Set("socketRowWords", kSocketRowWords);
  layout.Set("socketFields", Names(env, kSocketFieldNames));
  layout.Set("socketTimers", Names(env, platform::kSocketTimerNames));
  layout.Set("reasons", Names(env, kDisconnectReasonNames));
  layout.Set("refusals", Names(env, kRefusalNames));
  layout.Set("completionKinds", Names(env, kCompletionKindNames));
  layout.Set("submissionOps", Names(env, kSubmissionOpNames));
  layout.Set("broadcastOutcomes", Names(env, kBroadcastOutcomeNames));
  return layout;
}

}  // namespace holdfast
