#include "net/admission.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

using namespace holdfast;

namespace {

Address At(const char* text) {
  Address address;
  const int family = std::string(text).find(':') == std::string::npos ? 4 : 6;
  REQUIRE(ParseAddress(text, family, 1234, &address));
  return address;
}

AddressRule Rule(const char* text, uint32_t bits, bool deny, uint32_t connections = 0) {
  return {PrefixOf(At(text), bits, bits), deny, connections};
}

constexpr uint64_t kNow = 1000;

Refusal Enter(Admission& door, const char* peer, uint64_t now_ms = kNow) {
  return door.Enter(At(peer), now_ms).cause;
}

}  // namespace

TEST_CASE("prefix: addresses of one network are one, others are not, and families never meet") {
  CHECK(PrefixOf(At("10.1.2.3"), 24, 64) == PrefixOf(At("10.1.2.200"), 24, 64));
  CHECK_FALSE(PrefixOf(At("10.1.2.3"), 24, 64) == PrefixOf(At("10.1.3.3"), 24, 64));
  CHECK(PrefixOf(At("2001:db8::1"), 32, 64) == PrefixOf(At("2001:db8::ffff:1:2:3"), 32, 64));
  CHECK_FALSE(PrefixOf(At("2001:db8::1"), 32, 64) == PrefixOf(At("2001:db8:0:1::1"), 32, 64));
  CHECK(PrefixOf(At("2001:db8::1"), 32, 128).low == 1);
  CHECK_FALSE(PrefixOf(At("0.0.0.0"), 0, 0) == PrefixOf(At("::1"), 0, 0));
  CHECK(PrefixOf(At("255.255.255.255"), 0, 0) == PrefixOf(At("1.2.3.4"), 0, 0));
}

TEST_CASE("prefix: an IPv4 client of a dual-stack socket is the IPv4 client") {
  CHECK(PrefixOf(At("::ffff:10.1.2.3"), 32, 64) == PrefixOf(At("10.1.2.3"), 32, 64));
}

TEST_CASE("prefix: more bits than an address has are all of its bits") {
  for (const uint32_t bits : {33u, 64u, 65u, 96u, 104u, 128u, 129u, 256u, UINT32_MAX}) {
    CHECK(PrefixOf(At("10.1.2.3"), bits, bits) == PrefixOf(At("10.1.2.3"), 32, 128));
    CHECK(PrefixOf(At("::ffff:10.1.2.3"), bits, bits) == PrefixOf(At("10.1.2.3"), 32, 128));
  }
  for (const uint32_t bits : {129u, 256u, UINT32_MAX}) {
    CHECK(PrefixOf(At("2001:db8::1"), bits, bits) == PrefixOf(At("2001:db8::1"), 32, 128));
  }
}

TEST_CASE("admission: the listener's limit is exact, and a place that is left is free again") {
  Admission door({.connections = 2}, 1, kNow);
  CHECK(Enter(door, "10.0.0.1") == Refusal::kNone);
  CHECK(Enter(door, "10.0.0.2") == Refusal::kNone);
  CHECK(Enter(door, "10.0.0.3") == Refusal::kMaxConnections);
  CHECK(door.Closed(kNow) == Refusal::kMaxConnections);
  door.Leave(At("10.0.0.1"), kNoRule, kNow);
  CHECK(door.Closed(kNow) == Refusal::kNone);
  CHECK(Enter(door, "10.0.0.3") == Refusal::kNone);
}

TEST_CASE("admission: the limit per address counts an IPv6 network as one") {
  Admission door({.connections_per_address = 2}, 1, kNow);
  CHECK(Enter(door, "2001:db8::1") == Refusal::kNone);
  CHECK(Enter(door, "2001:db8::2") == Refusal::kNone);
  CHECK(Enter(door, "2001:db8::3") == Refusal::kPerAddress);
  CHECK(Enter(door, "2001:db8:0:1::3") == Refusal::kNone);
  CHECK(Enter(door, "10.0.0.1") == Refusal::kNone);
  door.Leave(At("2001:db8::1"), kNoRule, kNow);
  CHECK(Enter(door, "2001:db8::3") == Refusal::kNone);
  CHECK(door.inside() == 4);
}

TEST_CASE("admission: an address that has left takes no memory") {
  Admission door({.connections_per_address = 2}, 1, kNow);
  for (int i = 0; i < 100; ++i) {
    char text[32];
    std::snprintf(text, sizeof(text), "10.0.0.%d", i);
    REQUIRE(Enter(door, text) == Refusal::kNone);
    door.Leave(At(text), kNoRule, kNow);
  }
  CHECK(door.addresses() == 0);
}

TEST_CASE("admission: the longest prefix decides, whatever the order of the rules") {
  const std::vector<AddressRule> rules = {Rule("10.0.0.0", 8, true), Rule("10.1.0.0", 16, false),
                                          Rule("10.1.1.1", 32, true)};
  for (const auto& order : {rules, std::vector(rules.rbegin(), rules.rend())}) {
    Admission door({.rules = order}, 1, kNow);
    CHECK(Enter(door, "10.2.0.1") == Refusal::kBlocked);
    CHECK(Enter(door, "10.1.0.1") == Refusal::kNone);
    CHECK(Enter(door, "10.1.1.1") == Refusal::kBlocked);
    CHECK(Enter(door, "192.168.0.1") == Refusal::kNone);
  }
}

TEST_CASE("admission: others can be denied") {
  Admission door({.rules = {Rule("10.0.0.0", 8, false)}, .deny_others = true}, 1, kNow);
  CHECK(Enter(door, "10.0.0.1") == Refusal::kNone);
  CHECK(Enter(door, "11.0.0.1") == Refusal::kBlocked);
  CHECK(Enter(door, "::1") == Refusal::kBlocked);
}

TEST_CASE("admission: a rule of everything covers its family alone") {
  Admission door({.rules = {Rule("0.0.0.0", 0, true)}}, 1, kNow);
  CHECK(Enter(door, "1.2.3.4") == Refusal::kBlocked);
  CHECK(Enter(door, "::1") == Refusal::kNone);
}

TEST_CASE("admission: a rule that maps IPv4 is one of IPv4, a rule of all IPv6 covers none of it") {
  Admission denies_one({.rules = {Rule("::ffff:10.1.2.3", 128, true)}}, 1, kNow);
  CHECK(Enter(denies_one, "10.1.2.3") == Refusal::kBlocked);
  CHECK(Enter(denies_one, "::ffff:10.1.2.3") == Refusal::kBlocked);
  CHECK(Enter(denies_one, "10.1.2.4") == Refusal::kNone);
  Admission denies_v6({.rules = {Rule("::", 0, true)}}, 1, kNow);
  CHECK(Enter(denies_v6, "2001:db8::1") == Refusal::kBlocked);
  CHECK(Enter(denies_v6, "10.1.2.3") == Refusal::kNone);
  CHECK(Enter(denies_v6, "::ffff:10.1.2.3") == Refusal::kNone);
}

TEST_CASE("admission: a rule's limit holds for all of its addresses together") {
  Admission door({.rules = {Rule("10.0.0.0", 8, false, 2)}}, 1, kNow);
  const auto first = door.Enter(At("10.0.0.1"), kNow);
  CHECK(first.cause == Refusal::kNone);
  CHECK(Enter(door, "10.0.0.2") == Refusal::kNone);
  CHECK(Enter(door, "10.9.9.9") == Refusal::kPerAddress);
  CHECK(Enter(door, "11.0.0.1") == Refusal::kNone);
  door.Leave(At("10.0.0.1"), first.rule, kNow);
  CHECK(Enter(door, "10.9.9.9") == Refusal::kNone);
}

TEST_CASE("admission: a rate lets a burst in, then so many a second") {
  Admission door({.rate = {10, 3}}, 1, kNow);
  for (int i = 0; i < 3; ++i) CHECK(Enter(door, "10.0.0.1") == Refusal::kNone);
  CHECK(Enter(door, "10.0.0.1") == Refusal::kRate);
  CHECK(door.Closed(kNow) == Refusal::kRate);
  CHECK(door.RateWaitMs(kNow) == 100);
  CHECK(Enter(door, "10.0.0.1", kNow + 99) == Refusal::kRate);
  CHECK(Enter(door, "10.0.0.1", kNow + 100) == Refusal::kNone);
  CHECK(Enter(door, "10.0.0.1", kNow + 100) == Refusal::kRate);
}

TEST_CASE("admission: what another limit refuses takes no token") {
  Admission door({.connections_per_address = 1, .rate = {1, 2}}, 1, kNow);
  CHECK(Enter(door, "10.0.0.1") == Refusal::kNone);
  for (int i = 0; i < 10; ++i) CHECK(Enter(door, "10.0.0.1") == Refusal::kPerAddress);
  CHECK(Enter(door, "10.0.0.2") == Refusal::kNone);
}

TEST_CASE("admission: the rate per address outlives its connections, then is forgotten") {
  Admission door({.rate_per_address = {1, 1}}, 1, kNow);
  CHECK(Enter(door, "10.0.0.1") == Refusal::kNone);
  door.Leave(At("10.0.0.1"), kNoRule, kNow);
  CHECK(Enter(door, "10.0.0.1") == Refusal::kRate);
  CHECK(Enter(door, "10.0.0.2") == Refusal::kNone);
  CHECK(Enter(door, "10.0.0.1", kNow + 1000) == Refusal::kNone);
}

TEST_CASE("admission: a flood of addresses that come once is forgotten") {
  Admission door({.rate_per_address = {1, 1}}, 1, kNow);
  uint64_t now_ms = kNow;
  for (uint32_t i = 0; i < 100'000; ++i) {
    char text[32];
    std::snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
    REQUIRE(Enter(door, text, now_ms) == Refusal::kNone);
    door.Leave(At(text), kNoRule, now_ms);
    ++now_ms;
    // A thousand came within the last second; at most as many more wait to be looked for.
    REQUIRE(door.addresses() <= 3000);
  }
}

TEST_CASE("token bucket: a long sleep fills it, and no more than its burst") {
  const Rate rate{1'000'000, 5};
  TokenBucket bucket(rate, 0);
  for (int i = 0; i < 5; ++i) CHECK(bucket.Take(rate, 0));
  CHECK_FALSE(bucket.Take(rate, 0));
  for (int i = 0; i < 5; ++i) CHECK(bucket.Take(rate, UINT64_MAX / 2));
  CHECK_FALSE(bucket.Take(rate, UINT64_MAX / 2));
}

TEST_CASE("admission: whoever comes and goes in whatever order, nobody is counted twice") {
  std::mt19937 random(7);
  Admission door(
      {.connections = 50, .connections_per_address = 5, .rules = {Rule("10.0.0.0", 28, false, 20)}},
      42, kNow);
  std::vector<std::pair<Address, uint16_t>> inside;
  for (int step = 0; step < 200'000; ++step) {
    if (random() % 2 == 0) {
      char text[32];
      std::snprintf(text, sizeof(text), "10.0.0.%u", static_cast<unsigned>(random() % 32));
      const Address peer = At(text);
      size_t same = 0, in_rule = 0;
      for (const auto& [address, rule] : inside) {
        same += address.bytes[3] == peer.bytes[3];
        in_rule += address.bytes[3] < 16;
      }
      const auto verdict = door.Enter(peer, kNow);
      const bool rule_full = peer.bytes[3] < 16 && in_rule >= 20;
      const Refusal expected = inside.size() >= 50      ? Refusal::kMaxConnections
                               : rule_full || same >= 5 ? Refusal::kPerAddress
                                                        : Refusal::kNone;
      REQUIRE(verdict.cause == expected);
      if (verdict.cause == Refusal::kNone) inside.emplace_back(peer, verdict.rule);
    } else if (!inside.empty()) {
      const size_t index = random() % inside.size();
      door.Leave(inside[index].first, inside[index].second, kNow);
      inside.erase(inside.begin() + static_cast<ptrdiff_t>(index));
    }
    REQUIRE(door.inside() == inside.size());
  }
}
