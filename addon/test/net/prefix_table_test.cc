#include "net/prefix_table.h"

#include <doctest/doctest.h>

using namespace holdfast;

namespace {

Address At(const char* text, int family = 4) {
  Address address;
  REQUIRE(ParseAddress(text, family, 0, &address));
  return address;
}

Prefix Net(const char* text, uint32_t bits, int family = 4) {
  return PrefixOf(At(text, family), bits, bits);
}

}  // namespace

TEST_CASE("prefix table: the longest network that covers an address decides, in any order") {
  for (const bool backwards : {false, true}) {
    PrefixTable table;
    const Prefix networks[] = {Net("10.0.0.0", 8), Net("10.1.0.0", 16), Net("10.1.2.3", 32)};
    for (uint16_t i = 0; i < 3; ++i) {
      const uint16_t at = backwards ? 2 - i : i;
      table.Add(networks[at], at);
    }
    CHECK(table.Find(At("10.9.9.9")) == 0);
    CHECK(table.Find(At("10.1.9.9")) == 1);
    CHECK(table.Find(At("10.1.2.3")) == 2);
    CHECK(table.Find(At("11.1.2.3")) == kNoRule);
  }
}

TEST_CASE("prefix table: families do not cover each other, mapped addresses are IPv4") {
  PrefixTable table;
  table.Add(Net("::", 0, 6), 6);
  CHECK(table.Find(At("10.0.0.1")) == kNoRule);
  table.Add(Net("0.0.0.0", 0), 4);
  CHECK(table.Find(At("10.0.0.1")) == 4);
  CHECK(table.Find(At("2001:db8::1", 6)) == 6);
  CHECK(table.Find(At("::ffff:10.0.0.1", 6)) == 4);
}

TEST_CASE("prefix table: an empty one covers nothing") {
  CHECK(PrefixTable().Find(At("10.0.0.1")) == kNoRule);
}
