#pragma once

#include "base/reason.h"

namespace holdfast {

struct Evidence;

// Names the cause behind a socket error, given as a positive errno. A timeout with something of
// ours unacknowledged is `send-timeout`, with nothing it was keepalive that gave up.
DisconnectReason Classify(int error, const Evidence& evidence);

}  // namespace holdfast
