#include "net/proxy_header.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/proxy_headers.h"

using namespace holdfast;
using namespace holdfast::test;
using namespace std::string_literals;
using State = ProxyHeader::State;

namespace {

ProxyHeader Parse(const std::string& bytes) {
  return ParseProxyHeader(std::as_bytes(std::span(bytes)));
}

std::string Text(const Address& address) {
  char text[kAddressTextBytes];
  FormatAddress(address, text);
  return text + " "s + std::to_string(address.port);
}

// Incomplete up to its last byte, and the same whatever follows.
ProxyHeader Whole(const std::string& header) {
  CAPTURE(header);
  for (size_t cut = 0; cut < header.size(); ++cut) {
    CAPTURE(cut);
    CHECK(Parse(header.substr(0, cut)).state == State::kIncomplete);
  }
  for (const std::string& behind : {""s, "\r\n"s, "PROXY "s, std::string(5000, '\0')}) {
    const ProxyHeader parsed = Parse(header + behind);
    CHECK(parsed.state == State::kDone);
    CHECK(parsed.bytes == header.size());
  }
  return Parse(header);
}

void Refused(const std::string& header) {
  CAPTURE(header);
  CHECK(Parse(header).state == State::kMalformed);
  // No byte that follows makes it right.
  CHECK(Parse(header + "\r\n").state == State::kMalformed);
}

std::string V6Block() {
  return "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01" + "\x20\x01\x0d\xb8"s +
         std::string(11, '\0') + "\x02" + "\x00\x50\xff\xff"s;
}

}  // namespace

TEST_CASE("proxy header: version 1 over IPv4") {
  const ProxyHeader header = Whole("PROXY TCP4 192.0.2.7 198.51.100.1 4660 443\r\n");
  CHECK(!header.local);
  CHECK(Text(header.source) == "192.0.2.7 4660");
  CHECK(Text(header.destination) == "198.51.100.1 443");
}

TEST_CASE("proxy header: version 1 over IPv6, up to its longest line") {
  const std::string longest =
      "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
      "65535 0\r\n";
  const ProxyHeader header = Whole(longest);
  CHECK(Text(header.source) == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0 65535");
  CHECK(header.destination.port == 0);
  CHECK(Text(Whole("PROXY TCP6 ::1 2001:DB8::2 1 2\r\n").destination) == "2001:db8::2 2");
}

TEST_CASE("proxy header: an unknown client of version 1 is local, whatever else the line says") {
  for (const char* line : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN \r\n", "PROXY UNKNOWN a  b\r\n"}) {
    CHECK(Whole(line).local);
  }
  CHECK(Whole("PROXY UNKNOWN " + std::string(107 - 16, 'x') + "\r\n").local);
}

TEST_CASE("proxy header: a malformed line is refused") {
  const std::vector<std::string> lines = {
      "GET / HTTP/1.1\r\n",
      "proxy TCP4 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY\r\n",
      "PROXY \r\n",
      "PROXY  TCP4 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1  2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 \r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n",
      "PROXY TCP4 192.0.2.7\r\n",
      "PROXY TCP4\r\n",
      "PROXY TCP4 192.0.2.07 198.51.100.1 1 2\r\n",
      "PROXY TCP4 192.0.2 198.51.100.1 1 2\r\n",
      "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n",
      "PROXY TCP4 192.0.2.7 ::1 1 2\r\n",
      "PROXY TCP6 ::1 192.0.2.7 1 2\r\n",
      "PROXY TCP6 ::1%eth0 ::2 1 2\r\n",
      "PROXY TCP4 192.0.2.7\0x 198.51.100.1 1 2\r\n"s,
      "PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 65536 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 -1 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 +2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 2x\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 000000\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 \r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\rx",
      "PROXY TCP5 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY tcp4 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY UNKNOWNS\r\n",
  };
  for (const std::string& line : lines) Refused(line);
}

TEST_CASE("proxy header: a line that has no end within 107 bytes is refused at once") {
  const std::string endless = "PROXY UNKNOWN " + std::string(200, 'x');
  CHECK(Parse(endless.substr(0, 105)).state == State::kIncomplete);
  CHECK(Parse(endless.substr(0, 106)).state == State::kMalformed);
  Refused(endless.substr(0, 106) + "\r\n");
}

TEST_CASE("proxy header: version 2 over IPv4 and IPv6") {
  const ProxyHeader v4 = Whole(V2Client(7));
  CHECK(!v4.local);
  CHECK(Text(v4.source) == "192.0.2.7 4660");
  CHECK(Text(v4.destination) == "198.51.100.1 443");
  const ProxyHeader v6 = Whole(V2(kProxy, 0x21, V6Block()));
  CHECK(!v6.local);
  CHECK(Text(v6.source) == "2001:db8::1 80");
  CHECK(Text(v6.destination) == "2001:db8::2 65535");
}

TEST_CASE("proxy header: LOCAL, and what is no TCP client, is local") {
  CHECK(Whole(V2(kLocal, 0x00, "")).local);
  CHECK(Whole(V2(kLocal, kTcp4, std::string(12, 'x'))).local);
  CHECK(Whole(V2(kProxy, 0x00, "")).local);
  CHECK(Whole(V2(kProxy, 0x12, std::string(12, 'x'))).local);
  CHECK(Whole(V2(kProxy, 0x22, std::string(36, 'x'))).local);
  CHECK(Whole(V2(kProxy, 0x31, std::string(216, 'x'))).local);
  CHECK(Whole(V2(kProxy, 0x32, std::string(216, 'x'))).local);
}

TEST_CASE("proxy header: of LOCAL the length alone counts") {
  for (int family = 0; family < 256; ++family) {
    CAPTURE(family);
    for (const std::string& rest : {""s, "\xff\xff\xff\xff"s, std::string(216, '\0')}) {
      CHECK(Whole(V2(kLocal, static_cast<uint8_t>(family), rest)).local);
    }
  }
  // Whatever stands there is no checksum either.
  CHECK(Whole(V2(kLocal, 0x00, Tlv(3, "\0\0\0\0"s))).local);
  CHECK(Whole(V2(kLocal, 0x41, std::string(4096, 'x'))).bytes == kProxyHeaderBytesMost);
  Refused(V2(kLocal, 0x00, std::string(4097, 'x')).substr(0, 16));
}

TEST_CASE("proxy header: every command and family that is not assigned is refused") {
  for (int command = 0; command < 256; ++command) {
    if (command == kLocal || command == kProxy) continue;
    Refused(V2(static_cast<uint8_t>(command), 0x00, std::string(216, '\0')));
  }
  const std::string assigned = "\x00\x11\x12\x21\x22\x31\x32"s;
  for (int family = 0; family < 256; ++family) {
    if (assigned.find(static_cast<char>(family)) != assigned.npos) continue;
    Refused(V2(kProxy, static_cast<uint8_t>(family), std::string(216, '\0')));
  }
}

TEST_CASE("proxy header: a wrong signature is refused at its first wrong byte") {
  const std::string right = V2Client(7);
  for (size_t at = 0; at < 12; ++at) {
    std::string wrong = right.substr(0, at + 1);
    wrong[at] ^= 0x20;
    Refused(wrong);
  }
}

TEST_CASE("proxy header: addresses must fit the length, and the length the limit") {
  Refused(V2(kProxy, kTcp4, std::string(11, '\0')));
  Refused(V2(kProxy, 0x21, std::string(35, '\0')));
  Refused(V2(kProxy, 0x31, std::string(215, '\0')));
  const std::string most = Tlv(0xe0, std::string(4096 - 12 - 3, 'x'));
  CHECK(Whole(V2Client(7, most)).bytes == kProxyHeaderBytesMost);
  // Before any of it has come.
  Refused(V2Client(7, most + "x").substr(0, 16));
}

TEST_CASE("proxy header: TLVs must fill the rest to the byte") {
  Whole(V2Client(7, Tlv(0x04, "") + Tlv(0x04, "xx") + Tlv(0x05, "unique") + Tlv(0xea, "")));
  Whole(V2(kProxy, 0x00, Tlv(0x04, "")));
  Refused(V2Client(7, "\x04"));
  Refused(V2Client(7, "\x04\x00"s));
  Refused(V2Client(7, "\x04\x00\x01"s));
  Refused(V2Client(7, Tlv(0x05, "unique") + "\x04"));
  Refused(V2Client(7, "\x05\xff\xff"s + "x"));
}

TEST_CASE("proxy header: a checksum that is there must be right") {
  const std::string right = WithChecksum(kProxy, kTcp4, std::string(12, 'x') + Tlv(5, "unique"));
  Whole(right);
  CHECK(Whole(WithChecksum(kLocal, 0x00, "")).local);
  const size_t type =
      right.size() - 7;  // of the checksum: another one, and there is none to verify
  for (size_t at = 16; at < right.size(); ++at) {
    if (at == type) continue;
    std::string wrong = right;
    wrong[at] ^= 0x01;
    CAPTURE(at);
    CHECK(Parse(wrong).state != State::kDone);
  }
  Refused(V2Client(7, Tlv(3, "abc")));
  Refused(V2Client(7, Tlv(3, "abcde")));
  // Two of them.
  Refused(WithChecksum(kProxy, kTcp4, std::string(12, 'x') + Tlv(3, "\0\0\0\0"s)));
}

TEST_CASE("proxy header: nothing is wrong with what has not come") {
  CHECK(Parse("").state == State::kIncomplete);
}
