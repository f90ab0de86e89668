#include "net/deadlines.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace holdfast;

namespace {
constexpr ConnectionId kId{7, 3};
constexpr uint32_t kNow = 1'000'000;

Activity At(uint32_t ms) {
  Activity activity;
  activity.opened_ms = activity.read_ms = activity.sent_ms = ms;
  return activity;
}
}  // namespace

TEST_CASE("without rules there is no deadline") {
  CHECK(NextDeadline({}, At(kNow), kId, kNow).kind == DeadlineKind::kNone);
  CHECK_FALSE(DeadlineOptions{}.Any());
}

TEST_CASE("idle counts from the later of the last receive and the last send") {
  const DeadlineOptions options{.idle_ms = 1000};
  Activity activity = At(kNow);
  activity.read_ms = kNow + 300;
  activity.sent_ms = kNow + 200;
  const Deadline deadline = NextDeadline(options, activity, kId, kNow + 400);
  CHECK(deadline.kind == DeadlineKind::kIdle);
  CHECK(deadline.in_ms == 900);
  activity.sent_ms = kNow + 350;
  CHECK(NextDeadline(options, activity, kId, kNow + 400).in_ms == 950);
}

TEST_CASE("a read deadline is not put off by sending, nor a write deadline by receiving") {
  Activity activity = At(kNow);
  activity.sent_ms = kNow + 500;
  CHECK(NextDeadline({.idle_read_ms = 600}, activity, kId, kNow + 500).in_ms == 100);
  activity = At(kNow);
  activity.read_ms = kNow + 500;
  CHECK(NextDeadline({.idle_write_ms = 600}, activity, kId, kNow + 500).in_ms == 100);
}

TEST_CASE("the earliest of several deadlines wins") {
  const DeadlineOptions options{.idle_ms = 5000, .handshake_ms = 3000, .lifetime_ms = 4000};
  Activity activity = At(kNow);
  CHECK(NextDeadline(options, activity, kId, kNow).kind == DeadlineKind::kHandshake);
  activity.established = true;
  CHECK(NextDeadline(options, activity, kId, kNow).kind == DeadlineKind::kLifetime);
}

TEST_CASE("a deadline that has passed is due by as much") {
  const Deadline deadline = NextDeadline({.idle_ms = 100}, At(kNow), kId, kNow + 250);
  CHECK(deadline.kind == DeadlineKind::kIdle);
  CHECK(deadline.in_ms == -150);
}

TEST_CASE("deadlines hold across the wrap of 32-bit milliseconds") {
  const uint32_t before = 0xffffff00u;
  const Deadline deadline = NextDeadline({.idle_ms = 1000}, At(before), kId, before + 0x200);
  CHECK(deadline.in_ms == 1000 - 0x200);
  Activity activity = At(before);
  activity.read_ms = 0x10;  // after the wrap, and later
  CHECK(NextDeadline({.idle_ms = 1000}, activity, kId, 0x20).in_ms == 1000 - 0x10);
}

TEST_CASE("a connection that goes one way for a hundred days is idle when that way falls silent") {
  constexpr uint32_t kDayMs = 86'400'000;
  for (const uint32_t idle_ms : {60'000u, kDeadlineMsMax}) {
    for (const bool reads : {true, false}) {
      CAPTURE(reads);
      Activity activity = At(kNow);
      uint32_t now_ms = kNow;
      for (int day = 0; day < 100; ++day) {
        now_ms += kDayMs;
        (reads ? activity.read_ms : activity.sent_ms) = now_ms;
        activity.StopAging(now_ms);
        CHECK(NextDeadline({.idle_ms = idle_ms}, activity, kId, now_ms).in_ms == idle_ms);
        CHECK(NextDeadline({.idle_ms = idle_ms}, activity, kId, now_ms + 30'000).in_ms ==
              int64_t{idle_ms} - 30'000);
      }
    }
  }
}

TEST_CASE("the longest deadlines are due however late they are judged") {
  for (const uint32_t late_ms : {0u, 1u, 60'000u, kDeadlineMsMax}) {
    const Deadline deadline = NextDeadline({.lifetime_ms = kDeadlineMsMax}, At(kNow), kId,
                                           kNow + kDeadlineMsMax + late_ms);
    CHECK(deadline.kind == DeadlineKind::kLifetime);
    CHECK(deadline.in_ms == -int64_t{late_ms});
  }
}

TEST_CASE("while an end is under way its own deadline and idleness bound it, and nothing else") {
  DeadlineOptions options{.handshake_ms = 10, .lifetime_ms = 10, .beat_ms = 10, .end_ms = 500};
  Activity activity = At(kNow);
  activity.ending = true;
  activity.end_ms = kNow + 100;
  const Deadline deadline = NextDeadline(options, activity, kId, kNow + 100);
  CHECK(deadline.kind == DeadlineKind::kEnd);
  CHECK(deadline.in_ms == 500);
  options.idle_ms = 300;
  CHECK(NextDeadline(options, activity, kId, kNow + 100).kind == DeadlineKind::kIdle);
}

TEST_CASE("a paused connection is not judged by what it would have received") {
  const DeadlineOptions reading{.idle_ms = 10, .idle_read_ms = 10, .beat_ms = 10};
  Activity activity = At(kNow);
  activity.unread = true;
  CHECK(NextDeadline(reading, activity, kId, kNow).kind == DeadlineKind::kNone);
  CHECK(NextDeadline({.idle_write_ms = 10}, activity, kId, kNow).kind == DeadlineKind::kIdle);
  CHECK(NextDeadline({.lifetime_ms = 10}, activity, kId, kNow).kind == DeadlineKind::kLifetime);
}

TEST_CASE("a lifetime is shortened by a share of the jitter, the same each time it is asked for") {
  const DeadlineOptions options{.lifetime_ms = 10'000, .lifetime_jitter_ms = 2000};
  std::array<int, 4> quarters = {};
  for (uint32_t slot = 0; slot < 4000; ++slot) {
    const ConnectionId id{slot, 1};
    const Deadline deadline = NextDeadline(options, At(kNow), id, kNow);
    REQUIRE(deadline.in_ms >= 8000);
    REQUIRE(deadline.in_ms <= 10'000);
    CHECK(NextDeadline(options, At(kNow), id, kNow + 1).in_ms == deadline.in_ms - 1);
    ++quarters[static_cast<size_t>(std::min<int64_t>((deadline.in_ms - 8000) / 500, 3))];
  }
  for (const int count : quarters) CHECK(count > 800);
}

TEST_CASE(
    "heartbeats of connections that fell silent together spread over an eighth of the interval") {
  const DeadlineOptions options{.beat_ms = 8000, .beat_reply_ms = 1000};
  int64_t first = INT64_MAX, last = 0;
  for (uint32_t slot = 0; slot < 1000; ++slot) {
    const Deadline deadline = NextDeadline(options, At(kNow), {slot, 1}, kNow);
    REQUIRE(deadline.kind == DeadlineKind::kBeat);
    first = std::min(first, deadline.in_ms);
    last = std::max(last, deadline.in_ms);
  }
  CHECK(first >= 7000);
  CHECK(first < 7050);
  CHECK(last > 7950);
  CHECK(last <= 8000);
}

TEST_CASE(
    "an unanswered heartbeat is due by its reply deadline, and receiving starts the interval "
    "anew") {
  const DeadlineOptions options{.beat_ms = 8000, .beat_reply_ms = 1000};
  Activity activity = At(kNow);
  activity.beat_ms = kNow + 8000;
  activity.beat_unanswered = true;
  const Deadline deadline = NextDeadline(options, activity, kId, kNow + 8400);
  CHECK(deadline.kind == DeadlineKind::kBeatReply);
  CHECK(deadline.in_ms == 600);
  activity.beat_unanswered = false;
  activity.read_ms = kNow + 8400;
  const Deadline next = NextDeadline(options, activity, kId, kNow + 8400);
  CHECK(next.kind == DeadlineKind::kBeat);
  CHECK(next.in_ms >= 7000);
}
