#pragma once

#include <napi.h>

namespace holdfast {

// Functions of the module that need no reactor: they work on sockets that holdfast does not own.

// (port): an ArrayBuffer of rows, one for each socket on this machine with that local port.
Napi::Value ReadPortSockets(const Napi::CallbackInfo& info);

// (fd, policy or null): the policy as read back, or undefined when the descriptor is no connected
// TCP socket.
Napi::Value TuneSocket(const Napi::CallbackInfo& info);

}  // namespace holdfast
