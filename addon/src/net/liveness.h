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
// Two looks must find as many questions unanswered, the second after time enough for an answer: a
// probe that has just left, and whose answer is on its way, is no sign of death, not even where the
// one before it was lost.

inline constexpr uint32_t kConfirmMs = 500;
// What a new question is given at least when an older one was confirmed before.
inline constexpr uint32_t kAnswerMs = 50;

// Unanswered questions that a verdict needs. Where TCP_RTO_MAX_MS paces the probes of a closed
// window, several fall into the detection time; on an older kernel they may be two minutes apart,
// and a single lost one must not end a live peer.
inline constexpr uint32_t kUnansweredNeeded = 2;

struct Look {
  enum class Verdict : uint8_t { kQuiet, kLookAgain, kDead };
  Verdict verdict = Verdict::kQuiet;  // kQuiet: nothing outstanding, keepalive is in charge again
  uint32_t after_ms = 0;              // kLookAgain
  uint32_t unanswered = 0;  // questions, as the next look is to be told; at most kUnansweredNeeded
};

// At least twice the round trip, so that a healthy far peer has time to answer between two looks.
constexpr uint32_t ConfirmMs(const platform::TcpInfo& tcp) {
  const uint32_t twice_rtt_ms = tcp.rtt_us / 500;
  return twice_rtt_ms > kConfirmMs ? twice_rtt_ms : kConfirmMs;
}

// `before`: how many questions the look before this one found unanswered.
constexpr Look TakeLook(const platform::TcpInfo& tcp, uint64_t bytes_unsent, uint32_t before,
                        uint32_t detection_ms) {
  using Verdict = Look::Verdict;
  const bool outstanding = tcp.unacked_segments > 0 || tcp.not_sent_bytes > 0 || bytes_unsent > 0;
  if (!outstanding) return {Verdict::kQuiet, 0, 0};
  const uint32_t confirm_ms = ConfirmMs(tcp);
  const uint32_t silent_ms = tcp.silent_ms();
  // Not the backoff: while a window stays closed it grows although each probe is answered.
  const uint32_t asked = tcp.retransmits > tcp.probes ? tcp.retransmits : tcp.probes;
  const uint32_t unanswered = asked < kUnansweredNeeded ? asked : kUnansweredNeeded;
  if (unanswered == kUnansweredNeeded && before == kUnansweredNeeded && silent_ms >= detection_ms) {
    return {Verdict::kDead, 0, unanswered};
  }
  // Far from the bound: come back when one confirmation is left.
  const uint32_t first_look_ms = detection_ms > confirm_ms ? detection_ms - confirm_ms : 0;
  if (silent_ms < first_look_ms) {
    return {Verdict::kLookAgain, first_look_ms - silent_ms, 0};
  }
  // Close to it, or beyond while the next window probe is still to come.
  if (unanswered > 0 && before == 0) return {Verdict::kLookAgain, confirm_ms, unanswered};
  const uint32_t left_ms = silent_ms < detection_ms ? detection_ms - silent_ms : confirm_ms;
  uint32_t after_ms = left_ms < confirm_ms ? left_ms : confirm_ms;
  // The first question is confirmed, and the second is new: twice the round trip is what it needs.
  if (unanswered > before) {
    const uint32_t answer_ms = tcp.rtt_us / 500 > kAnswerMs ? tcp.rtt_us / 500 : kAnswerMs;
    after_ms = left_ms < confirm_ms && left_ms > answer_ms ? left_ms : answer_ms;
  }
  return {Verdict::kLookAgain, after_ms, unanswered};
}

}  // namespace holdfast
