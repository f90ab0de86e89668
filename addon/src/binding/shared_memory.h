#pragma once

#include <napi.h>

#include <memory>

#include "reactor/host.h"

namespace holdfast {

// The ArrayBuffers that JavaScript and the reactor share. They are referenced for as long as the
// reactor lives, so their memory stays where it is.
class SharedBuffers {
 public:
  // Null when the environment is going away: nothing can be created in it any more.
  static std::unique_ptr<SharedBuffers> Allocate(Napi::Env env);

  SharedMemory memory();
  // Adds each of them to `target` under the name that lib/native knows it by.
  void Expose(Napi::Object target);
  double* scratch();

 private:
  template <class T>
  std::span<T> View(Napi::Reference<Napi::ArrayBuffer>& buffer);

  Napi::Reference<Napi::ArrayBuffer> completions_;
  Napi::Reference<Napi::ArrayBuffer> receive_slab_;
  Napi::Reference<Napi::ArrayBuffer> submissions_;
  Napi::Reference<Napi::ArrayBuffer> submit_slab_;
  Napi::Reference<Napi::ArrayBuffer> control_;
  Napi::Reference<Napi::ArrayBuffer> queued_bytes_;
  Napi::Reference<Napi::ArrayBuffer> wants_drain_;
  Napi::Reference<Napi::ArrayBuffer> throttles_;
  Napi::Reference<Napi::ArrayBuffer> scratch_;
};

// What both sides must agree on, as an object; see queues/record.h.
Napi::Object DescribeLayout(Napi::Env env);

}  // namespace holdfast
