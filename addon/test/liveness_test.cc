#include "net/liveness.h"

#include <doctest/doctest.h>

using holdfast::ConfirmMs;
using holdfast::kAnswerMs;
using holdfast::kConfirmMs;
using holdfast::kUnansweredNeeded;
using holdfast::Look;
using holdfast::TakeLook;
using Verdict = holdfast::Look::Verdict;
using holdfast::platform::TcpInfo;

namespace {

constexpr uint32_t kDetectionMs = 9000;

// Data in flight, retransmitted, nothing heard for so long.
TcpInfo Silent(uint32_t silent_ms, uint8_t retransmits = 3) {
  TcpInfo tcp;
  tcp.unacked_segments = 1;
  tcp.retransmits = retransmits;
  tcp.last_ack_received_ms = silent_ms;
  tcp.last_data_received_ms = silent_ms + 5000;
  tcp.rtt_us = 1000;
  return tcp;
}

Look At(const TcpInfo& tcp, uint32_t before) {
  return TakeLook(tcp, 0, before, kDetectionMs);
}

}  // namespace

TEST_CASE("liveness: with nothing outstanding keepalive is in charge, however long the silence") {
  TcpInfo tcp = Silent(3'600'000);
  tcp.unacked_segments = 0;
  const Look look = At(tcp, kUnansweredNeeded);
  CHECK(look.verdict == Verdict::kQuiet);
  CHECK(look.unanswered == 0);
}

TEST_CASE("liveness: outstanding is unacknowledged, not sent by the kernel, or queued by us") {
  TcpInfo tcp;
  CHECK(TakeLook(tcp, 0, 0, kDetectionMs).verdict == Verdict::kQuiet);
  CHECK(TakeLook(tcp, 1, 0, kDetectionMs).verdict == Verdict::kLookAgain);
  tcp.not_sent_bytes = 1;
  CHECK(TakeLook(tcp, 0, 0, kDetectionMs).verdict == Verdict::kLookAgain);
  tcp.not_sent_bytes = 0;
  tcp.unacked_segments = 1;
  CHECK(TakeLook(tcp, 0, 0, kDetectionMs).verdict == Verdict::kLookAgain);
}

TEST_CASE("liveness: far from the bound the next look is one confirmation before it") {
  const Look look = At(Silent(1000), 0);
  CHECK(look.verdict == Verdict::kLookAgain);
  CHECK(look.after_ms == kDetectionMs - kConfirmMs - 1000);
  CHECK(look.unanswered == 0);
}

TEST_CASE("liveness: an answer clears the suspicion") {
  const Look look = At(Silent(10), kUnansweredNeeded);
  CHECK(look.verdict == Verdict::kLookAgain);
  CHECK(look.unanswered == 0);
}

TEST_CASE("liveness: suspect first, dead when the bound has passed") {
  const Look first = At(Silent(kDetectionMs - kConfirmMs), 0);
  CHECK(first.verdict == Verdict::kLookAgain);
  CHECK(first.unanswered > 0);
  CHECK(first.after_ms == kConfirmMs);
  CHECK(At(Silent(kDetectionMs - 1), kUnansweredNeeded).verdict == Verdict::kLookAgain);
  CHECK(At(Silent(kDetectionMs), kUnansweredNeeded).verdict == Verdict::kDead);
}

TEST_CASE("liveness: one look alone never decides") {
  for (const uint32_t silent_ms : {kDetectionMs, 10 * kDetectionMs, 0xffffffffu - 5000}) {
    const Look look = At(Silent(silent_ms), 0);
    CHECK(look.verdict == Verdict::kLookAgain);
    CHECK(look.unanswered > 0);
    CHECK(look.after_ms == kConfirmMs);
  }
}

TEST_CASE("liveness: unanswered means retransmitted or probed") {
  TcpInfo tcp = Silent(2 * kDetectionMs, 0);
  CHECK(At(tcp, 0).unanswered == 0);
  CHECK(At(tcp, kUnansweredNeeded).verdict == Verdict::kLookAgain);
  tcp.probes = 1;
  CHECK(At(tcp, 0).unanswered > 0);
  // Where nothing caps their distance, window probes are further apart than the two looks: a single
  // lost one is no verdict.
  CHECK(At(tcp, kUnansweredNeeded).verdict == Verdict::kLookAgain);
  CHECK(At(tcp, kUnansweredNeeded).unanswered > 0);
  tcp.probes = 2;
  CHECK(At(tcp, kUnansweredNeeded).verdict == Verdict::kDead);
  tcp.probes = 0;
  tcp.retransmits = 2;
  CHECK(At(tcp, kUnansweredNeeded).verdict == Verdict::kDead);
}

// The first question was lost, and the answer to the second is on its way.
TEST_CASE("liveness: a question that is new is given time for its answer") {
  TcpInfo tcp;
  tcp.not_sent_bytes = 1;
  tcp.rtt_us = 150'000;
  tcp.last_ack_received_ms = tcp.last_data_received_ms = 2 * kDetectionMs;
  tcp.probes = 1;
  const Look first = At(tcp, 0);
  CHECK(first.after_ms == kConfirmMs);
  tcp.probes = 2;
  const Look second = At(tcp, first.unanswered);
  CHECK(second.verdict == Verdict::kLookAgain);
  CHECK(second.after_ms == 300);
  CHECK(At(tcp, second.unanswered).verdict == Verdict::kDead);
  tcp.rtt_us = 1000;
  CHECK(At(tcp, first.unanswered).after_ms == kAnswerMs);
}

// Measured on a live peer that never reads: the backoff of the window probes stays, whatever is
// answered; `probes` returns to 0 with each answer.
TEST_CASE("liveness: an answered window probe is no open question, whatever its backoff") {
  TcpInfo tcp;
  tcp.not_sent_bytes = 200'000;
  tcp.backoff = 6;
  tcp.last_ack_received_ms = tcp.last_data_received_ms = 2 * kDetectionMs;
  const Look first = At(tcp, 0);
  CHECK(first.unanswered == 0);
  CHECK(At(tcp, first.unanswered).verdict == Verdict::kLookAgain);
  CHECK(At(tcp, kUnansweredNeeded).verdict == Verdict::kLookAgain);
}

TEST_CASE("liveness: any segment of the peer counts as heard") {
  TcpInfo tcp = Silent(20'000);
  tcp.last_data_received_ms = 40;
  CHECK(tcp.silent_ms() == 40);
  CHECK(At(tcp, kUnansweredNeeded).unanswered == 0);
  tcp = Silent(30);
  CHECK(tcp.silent_ms() == 30);
}

TEST_CASE("liveness: a far peer gets twice its round trip to answer") {
  TcpInfo tcp;
  tcp.rtt_us = 1000;
  CHECK(ConfirmMs(tcp) == kConfirmMs);
  tcp.rtt_us = 250'000;
  CHECK(ConfirmMs(tcp) == 500);
  tcp.rtt_us = 2'000'000;
  CHECK(ConfirmMs(tcp) == 4000);
  tcp = Silent(kDetectionMs + 100);
  tcp.rtt_us = 2'000'000;
  CHECK(At(tcp, 0).after_ms == 4000);
}

TEST_CASE("liveness: a new suspicion waits a whole confirmation, however near the bound") {
  for (uint32_t left_ms = 0; left_ms <= kConfirmMs; left_ms += 10) {
    const Look look = At(Silent(kDetectionMs - left_ms), 0);
    CHECK(look.unanswered > 0);
    CHECK(look.after_ms == kConfirmMs);
  }
}

TEST_CASE("liveness: a round trip above the bound still ends in two looks") {
  TcpInfo tcp = Silent(100);
  tcp.rtt_us = 60'000'000;
  const Look first = At(tcp, 0);
  CHECK(first.verdict == Verdict::kLookAgain);
  CHECK(first.after_ms == 120'000);
  tcp.last_ack_received_ms = tcp.last_data_received_ms = 100 + first.after_ms;
  CHECK(At(tcp, first.unanswered).verdict == Verdict::kDead);
}

TEST_CASE("liveness: a look that asks for another one never asks for it at once") {
  for (uint32_t silent_ms = 0; silent_ms < 3 * kDetectionMs; silent_ms += 7) {
    for (const uint32_t before : {0u, 1u, 2u}) {
      const Look look = At(Silent(silent_ms), before);
      if (look.verdict != Verdict::kLookAgain) continue;
      CHECK(look.after_ms > 0);
      CHECK(look.after_ms <= kDetectionMs);
    }
  }
}
