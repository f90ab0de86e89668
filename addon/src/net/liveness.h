#pragma once

#include <cstdint>

#include "platform/tcp_info.h"

namespace holdfast {

// The liveness clock bounds what keepalive cannot: while something of ours is unacknowledged the
// kernel sends no keepalive probes. Retransmissions (or probes of a closed window) ask the peer
// instead, and the time since its last segment says whether it has answered. A live slow reader
// answers each of them, so it is never ended; a dead peer is ended when it has been silent for
// `detection_ms`.
//
// Two looks, `ConfirmMs` apart, must find the question unanswered: a probe that has just left, and
// whose answer is on its way, is no sign of death.

inline constexpr uint32_t kConfirmMs = 500;

// Unanswered questions that a verdict needs. Where TCP_RTO_MAX_MS paces the probes of a closed
// window, several fall into the detection time; on an older kernel they may be two minutes apart,
// and a single lost one must not end a live peer.
inline constexpr uint32_t kUnansweredNeeded = 2;

struct Look {
  enum class Verdict : uint8_t { kQuiet, kLookAgain, kDead };
  Verdict verdict = Verdict::kQuiet;  // kQuiet: nothing outstanding, keepalive is in charge again
  uint32_t after_ms = 0;              // kLookAgain
  bool suspect = false;
};

// At least twice the round trip, so that a healthy far peer has time to answer between two looks.
constexpr uint32_t ConfirmMs(const platform::TcpInfo& tcp) {
  const uint32_t twice_rtt_ms = tcp.rtt_us / 500;
  return twice_rtt_ms > kConfirmMs ? twice_rtt_ms : kConfirmMs;
}

constexpr Look TakeLook(const platform::TcpInfo& tcp, uint64_t bytes_unsent, bool was_suspect,
                        uint32_t detection_ms) {
  using Verdict = Look::Verdict;
  const bool outstanding = tcp.unacked_segments > 0 || tcp.not_sent_bytes > 0 || bytes_unsent > 0;
  if (!outstanding) return {Verdict::kQuiet, 0, false};
  const uint32_t confirm_ms = ConfirmMs(tcp);
  const uint32_t silent_ms = tcp.silent_ms();
  // Not the backoff: while a window stays closed it grows although each probe is answered.
  const uint32_t unanswered = tcp.retransmits > tcp.probes ? tcp.retransmits : tcp.probes;
  const bool asked = unanswered > 0;
  if (unanswered >= kUnansweredNeeded && was_suspect && silent_ms >= detection_ms) {
    return {Verdict::kDead, 0, true};
  }
  // Far from the bound: come back when one confirmation is left.
  const uint64_t first_look_ms = detection_ms > confirm_ms ? detection_ms - confirm_ms : 0;
  if (silent_ms < first_look_ms) {
    return {Verdict::kLookAgain, static_cast<uint32_t>(first_look_ms - silent_ms), false};
  }
  // Close to it, or beyond while the next window probe is still to come.
  if (asked && !was_suspect) return {Verdict::kLookAgain, confirm_ms, true};
  const uint32_t left_ms = silent_ms < detection_ms ? detection_ms - silent_ms : confirm_ms;
  return {Verdict::kLookAgain, left_ms < confirm_ms ? left_ms : confirm_ms, asked};
}

}  // namespace holdfast
