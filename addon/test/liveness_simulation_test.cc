// The liveness clock against simulated peers: time passes in milliseconds, looks are taken as the
// reactor takes them (rounded up to wheel ticks), and the kernel asks as Linux does.

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "net/liveness.h"
#include "time/wheel.h"

using holdfast::ConfirmMs;
using holdfast::kAnswerMs;
using holdfast::kConfirmMs;
using holdfast::kTickMs;
using holdfast::Look;
using holdfast::TakeLook;
using Verdict = holdfast::Look::Verdict;
using holdfast::platform::TcpInfo;

namespace {

struct Policy {
  const char* name;
  uint32_t detection_ms;
  uint32_t longest_silence_ms;  // that keepalive allows a live, idle peer: max(idle, interval)
};

constexpr Policy kPolicies[] = {
    {"1/1/2", 3000, 1000},         {"lan-strict", 9000, 5000}, {"interactive", 40'000, 20'000},
    {"cloud-lb", 120'000, 60'000}, {"nat", 185'000, 110'000},  {"mobile", 300'000, 225'000},
};

constexpr uint32_t kRoundTripsMs[] = {0, 1, 40, 150, 600};

uint32_t OnTick(uint32_t ms) {
  return (ms + kTickMs - 1) / kTickMs * kTickMs;
}

// When the connection is given up, or nothing within `until_ms`. `info(now)` is what the kernel
// would tell at that time; the first look is due at `first_ms`.
template <class Info>
std::optional<uint32_t> GivenUpAt(Info info, uint32_t first_ms, uint32_t detection_ms,
                                  uint32_t until_ms) {
  uint32_t unanswered = 0;
  for (uint32_t now = OnTick(first_ms); now <= until_ms;) {
    const Look look = TakeLook(info(now), 0, unanswered, detection_ms);
    if (look.verdict == Verdict::kDead) return now;
    REQUIRE(look.verdict == Verdict::kLookAgain);
    unanswered = look.unanswered;
    now = OnTick(now + look.after_ms);
  }
  return std::nullopt;
}

// As Reactor::WatchLiveness: one confirmation before the bound, counted from the last segment.
uint32_t FirstLook(uint32_t write_at_ms, uint32_t detection_ms) {
  const uint32_t left_ms = detection_ms > write_at_ms ? detection_ms - write_at_ms : 0;
  return write_at_ms + std::max(left_ms, 2 * kConfirmMs) - kConfirmMs;
}

// The peer was last heard at 0 and has vanished; we write at `write_at_ms`. Retransmissions start
// after the timeout and double it, up to `rto_max_ms`.
TcpInfo DeadPeer(uint32_t now_ms, uint32_t write_at_ms, uint32_t rtt_ms, uint32_t rto_max_ms) {
  TcpInfo tcp;
  tcp.rtt_us = rtt_ms * 1000;
  tcp.unacked_segments = 1;
  tcp.last_ack_received_ms = tcp.last_data_received_ms = now_ms;
  uint32_t rto_ms = std::min(rto_max_ms, std::max(200u, 2 * rtt_ms));
  for (uint32_t at = write_at_ms + rto_ms; at <= now_ms && tcp.retransmits < 250; at += rto_ms) {
    ++tcp.retransmits;
    rto_ms = std::min(rto_ms * 2, rto_max_ms);
  }
  return tcp;
}

// A live peer whose window is zero: probes leave at growing intervals up to `interval_max_ms`, each
// is answered one round trip later.
TcpInfo SlowReader(uint32_t now_ms, uint32_t rtt_ms, uint32_t interval_max_ms, uint32_t phase_ms) {
  TcpInfo tcp;
  tcp.rtt_us = rtt_ms * 1000;
  tcp.not_sent_bytes = 1'000'000;
  uint32_t interval_ms = std::max(200u, 2 * rtt_ms);
  uint32_t answered_at = 0;
  for (uint32_t at = phase_ms; at <= now_ms; at += interval_ms) {
    tcp.probes = at + rtt_ms > now_ms ? 1 : 0;
    if (tcp.probes == 0) answered_at = at + rtt_ms;
    tcp.backoff = static_cast<uint8_t>(std::min(tcp.backoff + 1, 20));
    interval_ms = std::min(interval_ms * 2, interval_max_ms);
  }
  tcp.last_ack_received_ms = tcp.last_data_received_ms = now_ms - answered_at;
  return tcp;
}

}  // namespace

TEST_CASE("liveness simulation: a dead peer is found within the bound and two confirmations") {
  for (const Policy& policy : kPolicies) {
    for (const uint32_t rtt_ms : kRoundTripsMs) {
      for (uint32_t write_at = 0; write_at <= policy.longest_silence_ms;
           write_at += policy.longest_silence_ms / 50) {
        for (const uint32_t rto_max_ms : {policy.detection_ms / 6 + 1000, 120'000u}) {
          CAPTURE(policy.name);
          CAPTURE(rtt_ms);
          CAPTURE(write_at);
          CAPTURE(rto_max_ms);
          TcpInfo tcp;
          tcp.rtt_us = rtt_ms * 1000;
          const uint32_t first_ms = FirstLook(write_at, policy.detection_ms);
          const auto found =
              GivenUpAt([&](uint32_t now) { return DeadPeer(now, write_at, rtt_ms, rto_max_ms); },
                        first_ms, policy.detection_ms, 1'000'000);
          REQUIRE(found.has_value());
          REQUIRE(*found >= policy.detection_ms);
          const uint32_t answer_ms = std::max(kAnswerMs, 2 * rtt_ms);
          REQUIRE(*found <= policy.detection_ms + 2 * ConfirmMs(tcp) + answer_ms + 2 * kTickMs);
          // What the policy promises; a path as slow as this is no path for so short a bound.
          if (20 * rtt_ms < policy.detection_ms) {
            REQUIRE(*found <= policy.detection_ms + policy.detection_ms / 20 + 1000);
          }
        }
      }
    }
  }
}

TEST_CASE("liveness simulation: a dead peer costs a handful of looks, not one a tick") {
  int looks = 0;
  const auto found = GivenUpAt(
      [&](uint32_t now) {
        ++looks;
        return DeadPeer(now, 0, 1, 20'000);
      },
      FirstLook(0, 120'000), 120'000, 1'000'000);
  CHECK(found.has_value());
  CHECK(looks <= 3);
}

TEST_CASE("liveness simulation: a live slow reader is never given up, wherever the looks fall") {
  for (const Policy& policy : kPolicies) {
    for (const uint32_t rtt_ms : kRoundTripsMs) {
      for (const uint32_t interval_max_ms : {policy.detection_ms / 6 + 1000, 7000u, 120'000u}) {
        for (uint32_t phase = 0; phase < 2000; phase += 37) {
          CAPTURE(policy.name);
          CAPTURE(rtt_ms);
          CAPTURE(interval_max_ms);
          CAPTURE(phase);
          const auto found = GivenUpAt(
              [&](uint32_t now) { return SlowReader(now, rtt_ms, interval_max_ms, phase); },
              FirstLook(0, policy.detection_ms), policy.detection_ms, 1'000'000);
          REQUIRE_FALSE(found.has_value());
        }
      }
    }
  }
}

// As SlowReader, and every second probe or its answer is lost. Probes come at one distance, longer
// than the bound, as where nothing caps it.
static TcpInfo LossySlowReader(uint32_t now_ms, uint32_t rtt_ms, uint32_t interval_ms,
                               uint32_t phase_ms) {
  TcpInfo tcp;
  tcp.rtt_us = rtt_ms * 1000;
  tcp.not_sent_bytes = 1'000'000;
  uint32_t answered_at = 0;
  bool lost = true;
  for (uint32_t at = phase_ms; at <= now_ms; at += interval_ms, lost = !lost) {
    ++tcp.probes;
    if (lost || at + rtt_ms > now_ms) continue;
    tcp.probes = 0;
    answered_at = at + rtt_ms;
  }
  tcp.last_ack_received_ms = tcp.last_data_received_ms = now_ms - answered_at;
  return tcp;
}

TEST_CASE("liveness simulation: a single lost probe ends nobody, wherever the looks fall") {
  for (const Policy& policy : kPolicies) {
    for (const uint32_t rtt_ms : kRoundTripsMs) {
      for (const uint32_t interval_ms : {policy.detection_ms / 2, policy.detection_ms + 1000}) {
        for (uint32_t phase = 0; phase < 2000; phase += 37) {
          CAPTURE(policy.name);
          CAPTURE(rtt_ms);
          CAPTURE(interval_ms);
          CAPTURE(phase);
          const auto found = GivenUpAt(
              [&](uint32_t now) { return LossySlowReader(now, rtt_ms, interval_ms, phase); },
              FirstLook(0, policy.detection_ms), policy.detection_ms, 20 * policy.detection_ms);
          REQUIRE_FALSE(found.has_value());
        }
      }
    }
  }
}

// The answer to a probe is on its way at the first look, and so is that of the next probe at the
// second: still no sign of death, because the peer was heard in between.
TEST_CASE("liveness simulation: two looks that each fall between a probe and its answer") {
  constexpr uint32_t kDetectionMs = 3000;
  TcpInfo tcp;
  tcp.not_sent_bytes = 1;
  tcp.rtt_us = 100'000;
  tcp.probes = 1;
  tcp.last_ack_received_ms = tcp.last_data_received_ms = 6700;
  const Look first = TakeLook(tcp, 0, 0, kDetectionMs);
  CHECK(first.unanswered == 1);
  tcp.last_ack_received_ms = tcp.last_data_received_ms = first.after_ms - 100;
  const Look second = TakeLook(tcp, 0, first.unanswered, kDetectionMs);
  CHECK(second.verdict == Verdict::kLookAgain);
  CHECK(second.unanswered == 0);
}

// Silence that nobody asked about is no evidence. The first look comes half a second after the
// write; a live peer has answered by then, or not even been asked twice.
TEST_CASE("liveness simulation: a first write long after the peer was last heard kills nobody") {
  for (const Policy& policy : kPolicies) {
    for (const uint32_t rtt_ms : kRoundTripsMs) {
      CAPTURE(policy.name);
      CAPTURE(rtt_ms);
      const uint32_t write_at = 10 * policy.detection_ms;
      const auto info = [&](uint32_t now) {
        TcpInfo tcp;
        tcp.rtt_us = rtt_ms * 1000;
        tcp.not_sent_bytes = 1;  // more to come: the watch goes on
        const bool answered = now >= write_at + rtt_ms;
        tcp.unacked_segments = answered ? 0 : 1;
        tcp.last_ack_received_ms = tcp.last_data_received_ms =
            answered ? (now - write_at - rtt_ms) % 1000 : now;
        return tcp;
      };
      CHECK_FALSE(GivenUpAt(info, FirstLook(write_at, policy.detection_ms), policy.detection_ms,
                            write_at + 4 * policy.detection_ms)
                      .has_value());
    }
  }
}
