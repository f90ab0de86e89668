#pragma once

#include <cstdint>

namespace holdfast {

// Why a connection ended. The position is the code that crosses into TypeScript; the names below
// are compared with lib/native/records.ts when the addon is loaded.
enum class DisconnectReason : uint8_t {
  kNone,
  kPeerEnd,
  kPeerReset,
  kKeepaliveTimeout,
  kSendTimeout,
  kUnreachable,
  kIdleTimeout,
  kHandshakeTimeout,
  kHeartbeatTimeout,
  kLifetime,
  kSlowConsumer,
  kProtocolError,
  kReplaced,
  kRateLimit,
  kLocalEnd,
  kLocalAbort,
  kShutdown,
  kHandlerError,
  kIoError,
};

inline constexpr const char* kDisconnectReasonNames[] = {
    "none",          "peer-end",       "peer-reset",        "keepalive-timeout", "send-timeout",
    "unreachable",   "idle-timeout",   "handshake-timeout", "heartbeat-timeout", "lifetime",
    "slow-consumer", "protocol-error", "replaced",          "rate-limit",        "local-end",
    "local-abort",   "shutdown",       "handler-error",     "io-error",
};

inline constexpr uint32_t kDisconnectReasonCount =
    sizeof(kDisconnectReasonNames) / sizeof(kDisconnectReasonNames[0]);
static_assert(kDisconnectReasonCount == static_cast<uint32_t>(DisconnectReason::kIoError) + 1);

// Why an arrival never became a connection.
enum class Refusal : uint8_t {
  kNone,
  kMaxConnections,
  kPerAddress,
  kRate,
  kEmfile,
  kMemory,
  kBlocked,
  kProxyHeader,
};

inline constexpr const char* kRefusalNames[] = {
    "none", "max-connections", "per-address", "rate", "emfile", "memory", "blocked", "proxy-header",
};

inline constexpr uint32_t kRefusalCount = sizeof(kRefusalNames) / sizeof(kRefusalNames[0]);
static_assert(kRefusalCount == static_cast<uint32_t>(Refusal::kProxyHeader) + 1);

}  // namespace holdfast
