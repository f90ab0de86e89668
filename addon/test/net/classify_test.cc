#include "net/classify.h"

#include <doctest/doctest.h>
#include <errno.h>

#include "net/evidence.h"

using holdfast::Classify;
using holdfast::Evidence;
using Reason = holdfast::DisconnectReason;

namespace {

Evidence Acknowledged() {
  Evidence evidence;
  evidence.has_tcp_info = true;
  evidence.bytes_written = 100;
  evidence.tcp.bytes_acked = 100;
  return evidence;
}

}  // namespace

TEST_CASE("classify: each error names its cause") {
  const Evidence evidence = Acknowledged();
  CHECK(Classify(ECONNRESET, evidence) == Reason::kPeerReset);
  CHECK(Classify(EPIPE, evidence) == Reason::kPeerReset);
  CHECK(Classify(EHOSTUNREACH, evidence) == Reason::kUnreachable);
  CHECK(Classify(ENETUNREACH, evidence) == Reason::kUnreachable);
  CHECK(Classify(ECONNREFUSED, evidence) == Reason::kUnreachable);
  CHECK(Classify(ENETDOWN, evidence) == Reason::kUnreachable);
  CHECK(Classify(EHOSTDOWN, evidence) == Reason::kUnreachable);
#ifdef ENONET
  CHECK(Classify(ENONET, evidence) == Reason::kUnreachable);
#endif
  CHECK(Classify(EACCES, evidence) == Reason::kUnreachable);
  CHECK(Classify(ENOPROTOOPT, evidence) == Reason::kUnreachable);
  for (const int error : {EIO, ENOMEM, EBADF, ECONNABORTED, ENOSPC, 12345}) {
    CAPTURE(error);
    CHECK(Classify(error, evidence) == Reason::kIoError);
  }
}

TEST_CASE("classify: a timeout is keepalive's only when all of ours was acknowledged") {
  Evidence evidence = Acknowledged();
  CHECK(Classify(ETIMEDOUT, evidence) == Reason::kKeepaliveTimeout);
  evidence.tcp.bytes_acked = 99;
  CHECK(Classify(ETIMEDOUT, evidence) == Reason::kSendTimeout);
  evidence = Acknowledged();
  evidence.tcp.unacked_segments = 1;
  CHECK(Classify(ETIMEDOUT, evidence) == Reason::kSendTimeout);
  evidence = Acknowledged();
  evidence.tcp.not_sent_bytes = 1;
  CHECK(Classify(ETIMEDOUT, evidence) == Reason::kSendTimeout);
  evidence = Acknowledged();
  evidence.bytes_unsent = 1;
  CHECK(Classify(ETIMEDOUT, evidence) == Reason::kSendTimeout);
}

TEST_CASE("classify: FIN counts as one byte that wants its acknowledgement") {
  Evidence evidence = Acknowledged();
  evidence.fin_sent = true;
  CHECK(Classify(ETIMEDOUT, evidence) == Reason::kSendTimeout);
  evidence.tcp.bytes_acked = 101;
  CHECK(Classify(ETIMEDOUT, evidence) == Reason::kKeepaliveTimeout);
}

// Where nothing is known of the socket, the only bound there is, is keepalive's.
TEST_CASE("classify: a timeout without evidence is keepalive's") {
  Evidence evidence = Acknowledged();
  evidence.has_tcp_info = false;
  evidence.bytes_unsent = 5;
  CHECK(Classify(ETIMEDOUT, evidence) == Reason::kKeepaliveTimeout);
}
