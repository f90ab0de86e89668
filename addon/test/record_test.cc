#include "queues/record.h"

#include <doctest/doctest.h>

#include <iterator>
#include <set>
#include <string>

#include "base/reason.h"

using namespace holdfast;

namespace {

// Names become keys and metric labels on the other side: lower case, and none twice.
template <size_t count>
void CheckNames(const char* const (&names)[count], const char* allowed_besides_letters) {
  std::set<std::string> seen;
  for (const std::string name : names) {
    CAPTURE(name);
    CHECK_FALSE(name.empty());
    CHECK(seen.insert(name).second);
    const std::string allowed = std::string("abcdefghijklmnopqrstuvwxyz") + allowed_besides_letters;
    CHECK(name.find_first_not_of(allowed) == std::string::npos);
  }
}

}  // namespace

TEST_CASE("record: each kind, operation, reason and refusal has its own name") {
  CheckNames(kCompletionKindNames, "");
  CheckNames(kSubmissionOpNames, "");
  CheckNames(kDisconnectReasonNames, "-");
  CheckNames(kRefusalNames, "-");
  CheckNames(kEvidenceFieldNames, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

TEST_CASE("record: names stand at the position of their code") {
  CHECK(std::size(kCompletionKindNames) == kCompletionKindCount);
  CHECK(std::size(kSubmissionOpNames) == kSubmissionOpCount);
  const auto kind = [](CompletionKind k) { return std::string(kCompletionKindNames[int(k)]); };
  CHECK(kind(CompletionKind::kOpen) == "open");
  CHECK(kind(CompletionKind::kData) == "data");
  CHECK(kind(CompletionKind::kEnd) == "end");
  CHECK(kind(CompletionKind::kDrain) == "drain");
  CHECK(kind(CompletionKind::kClosed) == "closed");
  CHECK(kind(CompletionKind::kRefused) == "refused");
  CHECK(kind(CompletionKind::kBeat) == "beat");
  CHECK(kind(CompletionKind::kEnding) == "ending");
  const auto op = [](SubmissionOp o) { return std::string(kSubmissionOpNames[int(o)]); };
  CHECK(op(SubmissionOp::kWrite) == "write");
  CHECK(op(SubmissionOp::kEnd) == "end");
  CHECK(op(SubmissionOp::kDestroy) == "destroy");
  CHECK(op(SubmissionOp::kPause) == "pause");
  CHECK(op(SubmissionOp::kResume) == "resume");
  CHECK(op(SubmissionOp::kReady) == "ready");
  CHECK(op(SubmissionOp::kPinged) == "pinged");
  const auto reason = [](DisconnectReason r) {
    return std::string(kDisconnectReasonNames[int(r)]);
  };
  CHECK(reason(DisconnectReason::kNone) == "none");
  CHECK(reason(DisconnectReason::kPeerEnd) == "peer-end");
  CHECK(reason(DisconnectReason::kKeepaliveTimeout) == "keepalive-timeout");
  CHECK(reason(DisconnectReason::kSendTimeout) == "send-timeout");
  CHECK(reason(DisconnectReason::kSlowConsumer) == "slow-consumer");
  CHECK(reason(DisconnectReason::kLocalEnd) == "local-end");
  CHECK(reason(DisconnectReason::kIoError) == "io-error");
  const auto refusal = [](Refusal r) { return std::string(kRefusalNames[int(r)]); };
  CHECK(refusal(Refusal::kMaxConnections) == "max-connections");
  CHECK(refusal(Refusal::kEmfile) == "emfile");
  CHECK(refusal(Refusal::kMemory) == "memory");
}

TEST_CASE("record: evidence is 26 floats and an address, and starts aligned") {
  CHECK(kEvidenceFieldCount == 26);
  CHECK(kEvidenceBytes == 26 * 8 + 16);
  CHECK(kEvidenceBytes % 8 == 0);
  CHECK(kReceiveSlabBytes % 8 == 0);
  CHECK(kEvidenceBytes <= kReceiveSlabBytes);
}

TEST_CASE("record: offsets and counts fit the 32-bit words they travel in") {
  CHECK(kReceiveSlabBytes < 1u << 31);
  CHECK(kSubmitSlabBytes < 1u << 31);
  CHECK(kCompletionCapacity * kRecordWords < 1u << 31);
  CHECK(kSubmissionCapacity * kRecordWords < 1u << 31);
}
