#pragma once

#include <napi.h>

#include "net/listener.h"

namespace holdfast {

// Between JavaScript values and holdfast's own types. lib/core/options.ts has checked what arrives
// here; the numbers are nevertheless read as unsigned 32-bit values, so nothing can be out of
// range.

// False, with a JavaScript exception pending, when the address is no IP literal.
bool ReadListenOptions(Napi::Object options, ListenerOptions* out);

// The policy and its detection time; null switches keepalive off.
platform::Keepalive ReadKeepalivePolicy(Napi::Value policy, uint32_t* detection_ms);

Napi::Object WriteEffectiveKeepalive(Napi::Env env, const platform::Keepalive& in_force,
                                     const platform::Unsupported& unsupported, bool per_socket,
                                     Inheritance inheritance);

Napi::Object WriteAddress(Napi::Env env, const Address& address);

// As Node reports a failed system call: code, errno (negative), syscall, address, port.
Napi::Error SystemError(Napi::Env env, const platform::Outcome& outcome, const Address& address);

}  // namespace holdfast
