#pragma once

#include <cstddef>
#include <span>

#include "platform/tcp_info.h"

namespace holdfast::platform {

// From a struct tcp_info as the kernel gives it, by getsockopt or by sock_diag. An older kernel's
// is shorter: what it does not tell is 0.
void CopyTcpInfo(std::span<const std::byte> raw, TcpInfo* out);

}  // namespace holdfast::platform
