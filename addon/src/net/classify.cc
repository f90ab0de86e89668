#include "net/classify.h"

#include <uv.h>

#include "net/evidence.h"

namespace holdfast {

DisconnectReason Classify(int error, const Evidence& evidence) {
  switch (error) {
    case -UV_ECONNRESET:
    case -UV_EPIPE:
      return DisconnectReason::kPeerReset;
    case -UV_ETIMEDOUT:
      return evidence.HasOutstanding() ? DisconnectReason::kSendTimeout
                                       : DisconnectReason::kKeepaliveTimeout;
    case -UV_EHOSTUNREACH:
    case -UV_ENETUNREACH:
    case -UV_ECONNREFUSED:
    case -UV_ENETDOWN:
    case -UV_EHOSTDOWN:
    // What else the kernel makes of ICMP's "destination unreachable" (icmp_err_convert and
    // icmpv6_err_convert): an ICMPv6 router prohibits, a protocol nobody takes, an isolated host.
    case -UV_EACCES:
    case -UV_ENOPROTOOPT:
    case -UV_ENONET:
      return DisconnectReason::kUnreachable;
    default:
      return DisconnectReason::kIoError;
  }
}

}  // namespace holdfast
