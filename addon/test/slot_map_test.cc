#include "base/slot_map.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using holdfast::ConnectionId;
using holdfast::kMaxGeneration;
using holdfast::kNoSlot;
using holdfast::SlotMap;

namespace {

struct Value {
  int number = 7;
};

std::vector<ConnectionId> AcquireMany(SlotMap<Value>* map, uint32_t count) {
  std::vector<ConnectionId> ids(count);
  for (ConnectionId& id : ids) REQUIRE(map->Acquire(&id) != nullptr);
  return ids;
}

}  // namespace

TEST_CASE("slot map: a new id finds its freshly constructed value") {
  SlotMap<Value> map;
  ConnectionId id;
  Value* value = map.Acquire(&id);
  REQUIRE(value != nullptr);
  CHECK(value->number == 7);
  CHECK(id.generation == 1);
  CHECK(map.Find(id) == value);
  CHECK(&map.At(id.slot) == value);
  CHECK(map.size() == 1);
}

TEST_CASE("slot map: a value does not survive its slot") {
  SlotMap<Value> map;
  ConnectionId id;
  map.Acquire(&id)->number = 99;
  map.Release(id.slot);
  CHECK(map.Acquire(&id)->number == 7);
}

TEST_CASE("slot map: a stale id finds nothing, before and after its slot serves again") {
  SlotMap<Value> map;
  ConnectionId first;
  ConnectionId second;
  map.Acquire(&first);
  map.Release(first.slot);
  CHECK(map.Find(first) == nullptr);
  Value* value = map.Acquire(&second);
  CHECK(second.slot == first.slot);
  CHECK(second.generation == first.generation + 1);
  CHECK(map.Find(first) == nullptr);
  CHECK(map.Find(second) == value);
}

TEST_CASE("slot map: ids that never were find nothing") {
  SlotMap<Value> map;
  CHECK(map.Find({0, 0}) == nullptr);
  CHECK(map.Find({kNoSlot, 1}) == nullptr);
  ConnectionId id;
  map.Acquire(&id);
  CHECK(map.Find({id.slot, 0}) == nullptr);
  CHECK(map.Find({id.slot, id.generation + 1}) == nullptr);
  CHECK(map.Find({id.slot + 1, 1}) == nullptr);
  CHECK(map.Find({id.slot + 1, 0}) == nullptr);
  CHECK(map.Find({1u << 19, 1}) == nullptr);
  CHECK(map.Find({kNoSlot - 1, id.generation}) == nullptr);
}

TEST_CASE("slot map: the generation after the last one is 1, never 0") {
  constexpr uint32_t kLast = 5;
  SlotMap<Value, kLast> map;
  ConnectionId id;
  for (uint32_t expected = 1; expected <= kLast; ++expected) {
    map.Acquire(&id);
    CHECK(id.generation == expected);
    map.Release(id.slot);
  }
  const ConnectionId last = id;
  map.Acquire(&id);
  CHECK(id.slot == last.slot);
  CHECK(id.generation == 1);
  CHECK(map.Find(last) == nullptr);
}

TEST_CASE("slot map: a generation is a small integer for JavaScript and no listener's token") {
  static_assert(kMaxGeneration < 1u << 30);
  static_assert(kMaxGeneration != 0xffffffffu);
  // conn.id = generation * 2^24 + slot must stay an exact double.
  static_assert(uint64_t{kMaxGeneration} * (1u << 24) + holdfast::kMaxConnections < 1ull << 53);
  static_assert(holdfast::kMaxConnections <= 1u << 24);
  CHECK(kMaxGeneration == 536'870'911u);
}

TEST_CASE("slot map: at the limit nothing more is handed out until one is released") {
  for (const uint32_t limit : {1u, 511u, 512u, 513u, 1000u}) {
    CAPTURE(limit);
    SlotMap<Value> map(limit);
    const std::vector<ConnectionId> ids = AcquireMany(&map, limit);
    CHECK(ids.back().slot == limit - 1);
    ConnectionId refused{42, 42};
    CHECK(map.Acquire(&refused) == nullptr);
    CHECK(refused == ConnectionId{42, 42});
    CHECK(map.size() == limit);
    map.Release(ids[limit / 2].slot);
    ConnectionId again;
    REQUIRE(map.Acquire(&again) != nullptr);
    CHECK(again.slot == ids[limit / 2].slot);
    CHECK(map.Acquire(&refused) == nullptr);
  }
}

TEST_CASE("slot map: a limit of none hands out none") {
  SlotMap<Value> map(0);
  ConnectionId id;
  CHECK(map.Acquire(&id) == nullptr);
  CHECK(map.Find({0, 1}) == nullptr);
}

TEST_CASE("slot map: values stay where they are while the map grows") {
  SlotMap<Value> map;
  ConnectionId first;
  Value* value = map.Acquire(&first);
  value->number = 1234;
  AcquireMany(&map, 20'000);
  CHECK(map.Find(first) == value);
  CHECK(value->number == 1234);
}

TEST_CASE("slot map: new slots are handed out lowest first, also across chunks") {
  SlotMap<Value> map;
  const std::vector<ConnectionId> ids = AcquireMany(&map, 1500);
  for (uint32_t i = 0; i < ids.size(); ++i) REQUIRE(ids[i].slot == i);
}

TEST_CASE("slot map: a released slot serves before the map grows") {
  SlotMap<Value> map;
  const std::vector<ConnectionId> ids = AcquireMany(&map, 512);
  map.Release(300);
  map.Release(3);
  ConnectionId a;
  ConnectionId b;
  ConnectionId c;
  map.Acquire(&a);
  map.Acquire(&b);
  map.Acquire(&c);
  CHECK(std::min(a.slot, b.slot) == 3);
  CHECK(std::max(a.slot, b.slot) == 300);
  CHECK(c.slot == 512);
}

TEST_CASE("slot map: a visit sees each value in use once") {
  SlotMap<Value> map;
  const std::vector<ConnectionId> ids = AcquireMany(&map, 600);
  for (uint32_t i = 0; i < ids.size(); ++i) map.At(ids[i].slot).number = static_cast<int>(i);
  for (uint32_t i = 0; i < ids.size(); i += 2) map.Release(ids[i].slot);
  std::vector<int> seen;
  map.ForEach([&seen](Value& value) { seen.push_back(value.number); });
  REQUIRE(seen.size() == 300);
  std::sort(seen.begin(), seen.end());
  for (size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == static_cast<int>(2 * i + 1));
  CHECK(map.size() == 300);
}
