#include "net/intake.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace holdfast;

namespace {

struct Piece {
  uint64_t at_ms;
  uint64_t count;
};

// More than `burst` and the rate's share in any window that begins and ends with a piece.
bool AnyWindowHoldsMore(const std::vector<Piece>& pieces, uint64_t burst, uint64_t per_second,
                        uint64_t ms_per_unit = 1000) {
  for (size_t first = 0; first < pieces.size(); ++first) {
    uint64_t count = 0;
    for (size_t last = first; last < pieces.size(); ++last) {
      count += pieces[last].count;
      const uint64_t elapsed_ms = pieces[last].at_ms - pieces[first].at_ms;
      if (count * ms_per_unit > burst * ms_per_unit + per_second * elapsed_ms) return true;
    }
  }
  return false;
}

uint64_t NextStep(uint64_t now_ms, uint64_t wait_ms) {
  return (now_ms + wait_ms + kTickMs - 1) / kTickMs * kTickMs;
}

IntakeOptions Bytes(uint32_t per_second, uint32_t burst, bool ends = false) {
  return {.bytes = {per_second, burst}, .ends_fast = ends};
}

IntakeOptions Pings(uint32_t per_minute, uint32_t burst) {
  return {.pings = {per_minute, burst * kPingTokens}};
}

}  // namespace

TEST_CASE("intake: without a limit everything is allowed, and nothing is ever waited for") {
  const IntakeOptions none;
  Intake intake(none, 0);
  CHECK_FALSE(none.Any());
  CHECK(intake.Allowed(none, 0) == UINT32_MAX);
  CHECK(intake.Received(none, 1 << 30, 0));
  CHECK(intake.Pinged(none, 0));
  CHECK_FALSE(intake.IsExhausted(none, 0));
  CHECK(intake.WaitMs(none, 0) == 0);
}

TEST_CASE(
    "intake: no window of any schedule holds more bytes than the burst and the rate's share") {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](uint32_t limit) { return random() % limit; };
    const uint32_t rate = 100 + below(seed % 2 == 0 ? 50 : 5'000'000);
    const IntakeOptions options = Bytes(rate, rate / 10 + 1 + below(2 * rate));
    uint64_t now_ms = below(1'000'000);
    Intake intake(options, now_ms);
    std::vector<Piece> pieces;
    for (int step = 0; step < 200; ++step) {
      const uint32_t allowed = intake.Allowed(options, now_ms);
      REQUIRE(allowed > 0);
      const uint32_t bytes = below(3) == 0 ? 1 + below(allowed) : allowed;
      REQUIRE(intake.Received(options, bytes, now_ms));
      pieces.push_back({now_ms, bytes});
      if (intake.IsExhausted(options, now_ms)) {
        now_ms = NextStep(now_ms, intake.WaitMs(options, now_ms));
        REQUIRE(intake.WaitMs(options, now_ms) == 0);
      }
      now_ms += below(4) == 0 ? below(3000) : 0;
    }
    INFO("seed " << seed);
    CHECK_FALSE(AnyWindowHoldsMore(pieces, options.bytes.burst, rate));
  }
}

TEST_CASE("intake: a client that always has bytes gets all of its rate, in steps of the wheel") {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    // The least rate and burst there may be, and others.
    const auto rate = static_cast<uint32_t>(100 + random() % (seed % 2 == 0 ? 50 : 5'000'000));
    const IntakeOptions options = Bytes(rate, (rate + 9) / 10);
    const uint64_t began_ms = random() % 1'000'000;
    uint64_t now_ms = began_ms;
    Intake intake(options, now_ms);
    uint64_t received = 0;
    for (int step = 0; step < 500; ++step) {
      const uint32_t bytes = intake.Allowed(options, now_ms);
      received += bytes;
      REQUIRE(intake.Received(options, bytes, now_ms));
      REQUIRE(intake.IsExhausted(options, now_ms));
      now_ms = NextStep(now_ms, intake.WaitMs(options, now_ms));
    }
    const uint64_t left = intake.Allowed(options, now_ms);
    INFO("seed " << seed << ", rate " << rate);
    CHECK(received + left == options.bytes.burst + rate * (now_ms - began_ms) / 1000);
  }
}

TEST_CASE("intake: a client that floods is read from four times a second") {
  const IntakeOptions options = Bytes(1'000'000, 1'000'000);
  Intake intake(options, 0);
  REQUIRE(intake.Received(options, 1'000'000, 0));
  CHECK(intake.WaitMs(options, 0) == 250);
  CHECK(intake.WaitMs(options, 200) == 50);
  CHECK(intake.WaitMs(options, 250) == 0);
}

TEST_CASE("intake: one byte too many is let through where it ends the connection") {
  const IntakeOptions options = Bytes(100, 1000, true);
  Intake intake(options, 0);
  CHECK(intake.Allowed(options, 0) == 1001);
  CHECK(intake.Received(options, 1000, 0));
  CHECK_FALSE(intake.IsExhausted(options, 0));
  CHECK(intake.Allowed(options, 9) == 1);
  CHECK_FALSE(intake.Received(options, 1, 9));
  CHECK(intake.Received(options, 1, 10));
}

TEST_CASE("intake: the largest rate and burst sleep for ever without an overflow") {
  const uint32_t most = 0x7fffffff;
  for (const uint32_t rate : {1u, 1000u, most}) {
    const IntakeOptions options = Bytes(rate, most);
    Intake intake(options, 0);
    for (const uint64_t now_ms : {uint64_t{1} << 40, uint64_t{1} << 62, UINT64_MAX}) {
      REQUIRE(intake.Received(options, intake.Allowed(options, now_ms - 1), now_ms - 1));
      CHECK(intake.Allowed(options, now_ms - 1) == 0);
    }
  }
  Intake rested(Bytes(most, most), 0);
  REQUIRE(rested.Received(Bytes(most, most), most, 0));
  CHECK(rested.Allowed(Bytes(most, most), UINT64_MAX / 2) == most);
}

TEST_CASE("intake: pings of a burst are free, one too many is owed until the rate allows it") {
  const IntakeOptions options = Pings(30, 3);  // one in 2 s
  Intake intake(options, 0);
  for (int i = 0; i < 3; ++i) CHECK(intake.Pinged(options, 0));
  CHECK_FALSE(intake.IsExhausted(options, 0));
  CHECK_FALSE(intake.Pinged(options, 0));
  CHECK(intake.IsExhausted(options, 0));
  CHECK(intake.WaitMs(options, 500) == 1500);
  CHECK(intake.WaitMs(options, 2000) == 0);
  CHECK_FALSE(intake.IsExhausted(options, 2000));
  // The token went to the ping that was owed.
  CHECK_FALSE(intake.Pinged(options, 2000));
}

TEST_CASE("intake: every ping is owed, however many came at once") {
  const IntakeOptions options = Pings(60, 5);
  Intake intake(options, 0);
  for (int i = 0; i < 30'005; ++i) intake.Pinged(options, 0);
  CHECK(intake.WaitMs(options, 0) == 30'000'000);
  CHECK(intake.WaitMs(options, 29'999'999) == 1);
  CHECK(intake.IsExhausted(options, 29'999'999));
  CHECK(intake.WaitMs(options, 30'000'000) == 0);
  CHECK_FALSE(intake.IsExhausted(options, 30'000'000));
}

TEST_CASE("intake: more pings than 32 bits of tokens hold are owed at the least rate") {
  const IntakeOptions options = Pings(1, 1);
  constexpr uint64_t kPings = 80'000'000;
  Intake intake(options, 0);
  for (uint64_t i = 0; i <= kPings; ++i) intake.Pinged(options, 0);
  CHECK(intake.WaitMs(options, 0) == kPings * 60'000);
  CHECK(intake.WaitMs(options, kPings * 60'000 - 1) == 1);
  CHECK(intake.WaitMs(options, kPings * 60'000) == 0);
}

TEST_CASE("intake: before a chunk of pings is read, those of all before it are within their rate") {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const uint32_t rate = 1 + static_cast<uint32_t>(random() % 6000);
    const auto burst = static_cast<uint32_t>(1 + random() % 20);
    const IntakeOptions options = Pings(rate, burst);
    uint64_t now_ms = random() % 1'000'000;
    Intake intake(options, now_ms);
    std::vector<Piece> chunks;
    for (int step = 0; step < 100; ++step) {
      uint64_t count = 0;
      for (auto chunk = chunks.rbegin(); chunk != chunks.rend(); ++chunk) {
        count += chunk->count;
        INFO("seed " << seed << ", step " << step);
        REQUIRE(count * 60'000 <= burst * 60'000ull + rate * (now_ms - chunk->at_ms));
      }
      const uint64_t pings = 1 + random() % (random() % 10 == 0 ? 10'000 : 30);
      for (uint64_t i = 0; i < pings; ++i) intake.Pinged(options, now_ms);
      chunks.push_back({now_ms, pings});
      if (intake.IsExhausted(options, now_ms)) {
        now_ms = NextStep(now_ms, intake.WaitMs(options, now_ms));
        REQUIRE(intake.WaitMs(options, now_ms) == 0);
      }
      now_ms += random() % 3 == 0 ? random() % 5000 : 0;
    }
  }
}

TEST_CASE("intake: no window of any schedule holds more pings than are allowed") {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const uint32_t rate = 1 + static_cast<uint32_t>(random() % 600);
    const auto burst = static_cast<uint32_t>(1 + random() % 20);
    const IntakeOptions options = Pings(rate, burst);
    uint64_t now_ms = random() % 1'000'000;
    Intake intake(options, now_ms);
    std::vector<Piece> allowed;
    for (int step = 0; step < 300; ++step) {
      if (intake.Pinged(options, now_ms)) allowed.push_back({now_ms, 1});
      if (random() % 3 != 0 && intake.IsExhausted(options, now_ms)) {
        now_ms = NextStep(now_ms, intake.WaitMs(options, now_ms));
        REQUIRE(intake.WaitMs(options, now_ms) == 0);
      } else if (random() % 3 == 0) {
        now_ms += random() % 500;
      }
    }
    INFO("seed " << seed);
    CHECK_FALSE(AnyWindowHoldsMore(allowed, burst, rate, 60'000));
  }
}

TEST_CASE("intake: who waits goes on in time, although the table grows and others are forgotten") {
  const IntakeOptions options = Bytes(100, 100);
  IntakeTable table(0);
  constexpr uint32_t kSlots = 1000;
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    table.Open(slot, options, 0);
    table.ReleaseAt(slot, 1 + slot % 10);
    if (slot % 3 == 0) table.Forget(slot);
  }
  std::vector<uint32_t> released(kSlots, 0);
  for (uint32_t tick = 1; tick <= 10; ++tick) {
    CHECK(table.NextTick() == tick);
    table.Advance(tick, [&](uint32_t slot) {
      CHECK(1 + slot % 10 == tick);
      ++released[slot];
    });
  }
  CHECK_FALSE(table.NextTick().has_value());
  for (uint32_t slot = 0; slot < kSlots; ++slot) CHECK(released[slot] == (slot % 3 == 0 ? 0 : 1));
}
