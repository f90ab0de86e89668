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
      return DisconnectReason::kUnreachable;
    default:
      return DisconnectReason::kIoError;
  }
}

}  // namespace holdfast
