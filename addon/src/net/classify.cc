#include "net/classify.h"

#include <errno.h>

#include "net/evidence.h"

namespace holdfast {

DisconnectReason Classify(int error, const Evidence& evidence) {
  switch (error) {
    case ECONNRESET:
    case EPIPE:
      return DisconnectReason::kPeerReset;
    case ETIMEDOUT:
      return evidence.HasOutstanding() ? DisconnectReason::kSendTimeout
                                       : DisconnectReason::kKeepaliveTimeout;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ECONNREFUSED:
    case ENETDOWN:
#ifdef EHOSTDOWN
    case EHOSTDOWN:
#endif
      return DisconnectReason::kUnreachable;
    default:
      return DisconnectReason::kIoError;
  }
}

}  // namespace holdfast
