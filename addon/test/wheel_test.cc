#include "time/wheel.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

using holdfast::Wheel;
using holdfast::WheelNode;

namespace {

struct Nodes {
  std::vector<WheelNode>* all;
  WheelNode& operator()(uint32_t index) const { return (*all)[index]; }
};

constexpr uint64_t kRevolution = Wheel<Nodes>::kBuckets;

struct Fixture {
  explicit Fixture(uint64_t start = 0) : nodes(1000), wheel(Nodes{&nodes}, start) {}

  std::vector<uint32_t> FiredAt(uint64_t tick) {
    std::vector<uint32_t> fired;
    wheel.Advance(tick, [&fired](uint32_t index) { fired.push_back(index); });
    std::sort(fired.begin(), fired.end());
    return fired;
  }

  std::vector<WheelNode> nodes;
  Wheel<Nodes> wheel;
};

using Indices = std::vector<uint32_t>;

}  // namespace

TEST_CASE("wheel: a deadline fires at its tick, not before, and once") {
  for (const uint64_t start : {uint64_t{0}, uint64_t{63}, uint64_t{4095}, uint64_t{1} << 40}) {
    CAPTURE(start);
    Fixture f(start);
    f.wheel.Schedule(1, start + 10);
    CHECK(f.FiredAt(start + 9).empty());
    CHECK(f.FiredAt(start + 10) == Indices{1});
    CHECK(f.FiredAt(start + 11).empty());
    CHECK(f.wheel.armed() == 0);
  }
}

TEST_CASE("wheel: a late advance fires everything that has become due") {
  Fixture f;
  f.wheel.Schedule(1, 3);
  f.wheel.Schedule(2, 3);
  f.wheel.Schedule(3, 90);
  f.wheel.Schedule(4, 91);
  CHECK(f.FiredAt(90) == Indices{1, 2, 3});
  CHECK(f.FiredAt(91) == Indices{4});
}

TEST_CASE("wheel: an advance over several revolutions fires each deadline once") {
  Fixture f;
  for (uint32_t i = 0; i < 100; ++i) f.wheel.Schedule(i, 1 + i * 97);
  CHECK(f.FiredAt(3 * kRevolution).size() == 100);
  CHECK(f.wheel.armed() == 0);
}

TEST_CASE("wheel: a deadline beyond a revolution is passed over until its own") {
  Fixture f;
  f.wheel.Schedule(1, 10 + 2 * kRevolution);
  f.wheel.Schedule(2, 10);
  CHECK(f.FiredAt(10) == Indices{2});
  CHECK(f.FiredAt(10 + kRevolution).empty());
  CHECK(f.FiredAt(9 + 2 * kRevolution).empty());
  CHECK(f.FiredAt(10 + 2 * kRevolution) == Indices{1});
}

TEST_CASE("wheel: a deadline exactly one revolution away waits for it") {
  Fixture f(100);
  f.wheel.Schedule(1, 100 + kRevolution);
  CHECK(f.wheel.NextTick() == 100 + kRevolution);
  CHECK(f.FiredAt(99 + kRevolution).empty());
  CHECK(f.FiredAt(100 + kRevolution) == Indices{1});
}

TEST_CASE("wheel: a tick that has passed fires on the next advance") {
  Fixture f(50);
  f.wheel.Schedule(1, 7);
  f.wheel.Schedule(2, 50);
  CHECK(f.wheel.NextTick() == 51);
  CHECK(f.FiredAt(51) == Indices{1, 2});
}

TEST_CASE("wheel: time that stands still or goes back fires nothing") {
  Fixture f(50);
  f.wheel.Schedule(1, 51);
  CHECK(f.FiredAt(50).empty());
  CHECK(f.FiredAt(3).empty());
  CHECK(f.FiredAt(51) == Indices{1});
}

TEST_CASE("wheel: a cancelled deadline does not fire, wherever it stands in its bucket") {
  for (const uint32_t cancelled : {0u, 1u, 2u}) {
    CAPTURE(cancelled);
    Fixture f;
    for (uint32_t i = 0; i < 3; ++i) f.wheel.Schedule(i, 5);
    f.wheel.Cancel(cancelled);
    f.wheel.Cancel(cancelled);
    CHECK(f.wheel.armed() == 2);
    CHECK(f.FiredAt(5).size() == 2);
    CHECK(uint64_t{f.nodes[cancelled].armed} == 0);
  }
}

TEST_CASE("wheel: scheduling again moves the deadline") {
  Fixture f;
  f.wheel.Schedule(1, 5);
  f.wheel.Schedule(1, 20);
  CHECK(f.wheel.armed() == 1);
  CHECK(f.FiredAt(19).empty());
  CHECK(f.FiredAt(20) == Indices{1});
  f.wheel.Schedule(1, 60);
  f.wheel.Schedule(1, 30);
  CHECK(f.FiredAt(30) == Indices{1});
  CHECK(f.FiredAt(60).empty());
}

TEST_CASE("wheel: what fires may schedule itself again, also at once") {
  Fixture f;
  f.wheel.Schedule(1, 5);
  std::vector<uint64_t> fired_at;
  for (uint64_t now = 1; now <= 20; ++now) {
    f.wheel.Advance(now, [&](uint32_t index) {
      fired_at.push_back(now);
      f.wheel.Schedule(index, now < 8 ? now : now + 6);
    });
  }
  CHECK(fired_at == std::vector<uint64_t>{5, 6, 7, 8, 14, 20});
}

TEST_CASE("wheel: what fires may cancel another that is due as well") {
  Fixture f;
  for (uint32_t i = 0; i < 4; ++i) f.wheel.Schedule(i, 5 + i % 2);
  std::vector<uint32_t> fired;
  f.wheel.Advance(6, [&](uint32_t index) {
    fired.push_back(index);
    for (uint32_t other = 0; other < 4; ++other) f.wheel.Cancel(other);
  });
  CHECK(fired.size() == 1);
  CHECK(f.wheel.armed() == 0);
  CHECK(f.wheel.NextTick() == std::nullopt);
}

TEST_CASE("wheel: what fires may put off another that is due as well") {
  Fixture f;
  f.wheel.Schedule(0, 5);
  f.wheel.Schedule(1, 6);
  f.wheel.Advance(6, [&](uint32_t index) {
    REQUIRE(index == 0);
    f.wheel.Schedule(1, 9);
  });
  CHECK(f.FiredAt(8).empty());
  CHECK(f.FiredAt(9) == Indices{1});
}

TEST_CASE("wheel: the next tick is the nearest bucket in use, across words and revolutions") {
  for (const uint64_t start : {0u, 1u, 62u, 63u, 64u, 4000u, 4094u, 4095u, 4096u, 8191u}) {
    for (const uint64_t ahead : {1u, 2u, 63u, 64u, 65u, 128u, 4031u, 4032u, 4095u, 4096u}) {
      CAPTURE(start);
      CAPTURE(ahead);
      Fixture f(start);
      f.wheel.Schedule(7, start + ahead);
      CHECK(f.wheel.NextTick() == start + ahead);
      f.wheel.Schedule(8, start + 4096);
      CHECK(f.wheel.NextTick() == start + ahead);
      f.wheel.Cancel(7);
      CHECK(f.wheel.NextTick() == start + 4096);
      f.wheel.Cancel(8);
      CHECK(f.wheel.NextTick() == std::nullopt);
    }
  }
}

TEST_CASE("wheel: the next tick is never later than the nearest deadline") {
  Fixture f;
  f.wheel.Schedule(1, 3 * kRevolution + 5);
  const auto next = f.wheel.NextTick();
  REQUIRE(next.has_value());
  CHECK(*next == 5);
  CHECK(f.FiredAt(5).empty());
  CHECK(f.wheel.NextTick() == kRevolution + 5);
}

// Against a multimap that does the same by brute force: advance, schedule, move and cancel at
// random, also from inside of what fires.
TEST_CASE("wheel: agrees with a multimap over a long random run") {
  constexpr uint32_t kSeed = 20'260'101;
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&random](uint64_t bound) { return random() % bound; };
  Fixture f;
  std::multimap<uint64_t, uint32_t> model;
  uint64_t now = 0;
  const auto forget = [&model](uint32_t index) {
    std::erase_if(model, [index](const auto& entry) { return entry.second == index; });
  };
  const auto act = [&] {
    const auto index = static_cast<uint32_t>(below(f.nodes.size()));
    if (below(4) == 0) {
      f.wheel.Cancel(index);
      return forget(index);
    }
    const uint64_t tick = now + below(below(3) == 0 ? 3 * kRevolution : 200);
    f.wheel.Schedule(index, tick);
    forget(index);
    model.emplace(std::max(tick, now + 1), index);
  };
  for (int round = 0; round < 4000; ++round) {
    for (uint64_t i = below(6); i > 0; --i) act();
    now += below(20) == 0 ? below(2 * kRevolution) : below(30);
    f.wheel.Advance(now, [&](uint32_t index) {
      const auto due = std::find_if(model.begin(), model.end(),
                                    [index](const auto& entry) { return entry.second == index; });
      REQUIRE(due != model.end());
      REQUIRE(due->first <= now);
      model.erase(due);
      if (below(3) == 0) act();
    });
    REQUIRE((model.empty() || model.begin()->first > now));
    REQUIRE(f.wheel.armed() == model.size());
    const auto next = f.wheel.NextTick();
    REQUIRE(next.has_value() == !model.empty());
    if (next) REQUIRE((*next > now && *next <= model.begin()->first));
  }
}
