#include "platform/address.h"

#include <doctest/doctest.h>
#include <netinet/in.h>

#include <string>

using namespace holdfast;

namespace {

std::string Text(const Address& address) {
  char text[kAddressTextBytes];
  FormatAddress(address, text);
  return text;
}

}  // namespace

TEST_CASE("address: what was parsed is formatted the same, by way of a sockaddr") {
  const std::pair<int, const char*> literals[] = {
      {4, "127.0.0.1"}, {4, "255.255.255.255"}, {4, "0.0.0.0"}, {6, "::1"},
      {6, "::"},        {6, "2001:db8::1:2"},
  };
  for (const auto& [family, literal] : literals) {
    CAPTURE(literal);
    Address parsed;
    REQUIRE(ParseAddress(literal, family, 7007, &parsed));
    CHECK(parsed.family == family);
    CHECK(parsed.port == 7007);
    sockaddr_storage storage;
    const uint32_t length = ToSockaddr(parsed, &storage);
    CHECK(length == (family == 4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)));
    const Address again = FromSockaddr(reinterpret_cast<const sockaddr*>(&storage));
    CHECK(Text(again) == literal);
    CHECK(again.port == 7007);
  }
}

TEST_CASE("address: what is no literal of the family is refused") {
  Address address;
  CHECK_FALSE(ParseAddress("localhost", 4, 1, &address));
  CHECK_FALSE(ParseAddress("::1", 4, 1, &address));
  CHECK_FALSE(ParseAddress("127.0.0.1", 6, 1, &address));
  CHECK_FALSE(ParseAddress("256.0.0.1", 4, 1, &address));
  CHECK_FALSE(ParseAddress("1.2.3", 4, 1, &address));
  CHECK_FALSE(ParseAddress("", 6, 1, &address));
}

TEST_CASE("address: an unknown family is formatted as nothing") {
  CHECK(Text(Address{}).empty());
  sockaddr_storage storage = {};
  storage.ss_family = AF_UNIX;
  CHECK(FromSockaddr(reinterpret_cast<const sockaddr*>(&storage)).family == 0);
}
