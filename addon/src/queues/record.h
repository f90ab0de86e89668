#pragma once

#include <cstdint>

namespace holdfast {

// The layout that C++ and TypeScript share; the other half is lib/native/records.ts. Both sides
// are compared when the addon is loaded, so neither can change alone.
//
// A record is eight 32-bit words; word 0 is the kind (completions) or the operation (submissions).

inline constexpr uint32_t kRecordWords = 8;
inline constexpr uint32_t kCompletionCapacity = 4096;
inline constexpr uint32_t kSubmissionCapacity = 4096;
inline constexpr uint32_t kReceiveSlabBytes = 1u << 20;
inline constexpr uint32_t kSubmitSlabBytes = 1u << 20;

enum class CompletionKind : int32_t {
  kNone,
  kOpen,
  kData,
  kEnd,
  kDrain,
  kClosed,
  kRefused,
  kBeat,
  kDrained,
  kEnding,
};
inline constexpr const char* kCompletionKindNames[] = {
    "none", "open", "data", "end", "drain", "closed", "refused", "beat", "drained", "ending",
};
inline constexpr uint32_t kCompletionKindCount = 10;

enum class SubmissionOp : int32_t {
  kNone,
  kWrite,
  kEnd,
  kDestroy,
  kPause,
  kResume,
  kReady,
  kPinged,
};
inline constexpr const char* kSubmissionOpNames[] = {
    "none", "write", "end", "destroy", "pause", "resume", "ready", "pinged",
};
inline constexpr uint32_t kSubmissionOpCount = 8;

// One connection that a broadcast is for. Where its generation stood it then says what became of
// it.
struct BroadcastTarget {
  uint32_t slot = 0;
  uint32_t generation = 0;
};
enum class BroadcastOutcome : uint32_t { kTaken, kGone, kEnded };
inline constexpr const char* kBroadcastOutcomeNames[] = {"taken", "gone", "ended"};

// Words of the control block.
inline constexpr uint32_t kControlSubmissionCount = 0;
inline constexpr uint32_t kControlSubmitBytes = 1;
inline constexpr uint32_t kControlWords = 2;

// What is known about a connection, as 64-bit floats in this order; -1 where unknown. `closed`
// carries it in the receive slab, followed by the peer's address in 16 bytes.
inline constexpr const char* kEvidenceFieldNames[] = {
    "bytesRead",
    "bytesWritten",
    "bytesUnsent",
    "durationMs",
    "detectedMs",
    "remotePort",
    "family",
    "hasTcpInfo",
    "state",
    "retransmits",
    "probes",
    "backoff",
    "unacked",
    "notSentBytes",
    "bytesAcked",
    "bytesReceived",
    "totalRetransmits",
    "rttUs",
    "rttVarUs",
    "rtoUs",
    "lastDataSentMs",
    "lastDataReceivedMs",
    "lastAckReceivedMs",
    "sndCwnd",
    "sndMss",
    "bytesUnread",
};
inline constexpr uint32_t kEvidenceFieldCount =
    sizeof(kEvidenceFieldNames) / sizeof(kEvidenceFieldNames[0]);
inline constexpr uint32_t kAddressBytes = 16;
inline constexpr uint32_t kEvidenceBytes = kEvidenceFieldCount * 8 + kAddressBytes;

// What `open` carries in the receive slab for a client behind a proxy: the proxy's address in 16
// bytes, its port in two, the high one first, its family in one; at this offset the PROXY header.
inline constexpr uint32_t kOpenPeerBytes = 24;

// A socket that was inspected: these 64-bit floats, -1 where unknown, then its evidence with the
// remote address, then its local address in 16 bytes.
inline constexpr const char* kSocketFieldNames[] = {
    "slot",           "generation",      "localPort",         "state",          "timer",
    "timerExpiresMs", "timerUnanswered", "receiveQueueBytes", "sendQueueBytes", "uid",
    "inode",
};
inline constexpr uint32_t kSocketFieldCount =
    sizeof(kSocketFieldNames) / sizeof(kSocketFieldNames[0]);
inline constexpr uint32_t kSocketRowWords =
    kSocketFieldCount + (kEvidenceBytes + kAddressBytes) / 8;

}  // namespace holdfast
