#include "support/proxy_headers.h"

#include <span>

#include "net/crc32c.h"

namespace holdfast::test {

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {
std::string Word(size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string Addresses(uint8_t host) {
  std::string bytes = "\xc0\x00\x02"s.append(1, static_cast<char>(host));
  return bytes + "\xc6\x33\x64\x01\x12\x34\x01\xbb";
}
}  // namespace

std::string V2(uint8_t command, uint8_t family, std::string_view rest) {
  std::string header("\r\n\r\n\0\r\nQUIT\n"sv);
  header += static_cast<char>(command);
  header += static_cast<char>(family);
  return header + Word(rest.size()) + std::string(rest);
}

std::string Tlv(uint8_t type, std::string_view value) {
  return std::string(1, static_cast<char>(type)) + Word(value.size()) + std::string(value);
}

std::string V2Client(uint8_t host, std::string_view tlvs) {
  return V2(kProxy, kTcp4, Addresses(host) + std::string(tlvs));
}

std::string V1Client(uint8_t host) {
  return "PROXY TCP4 192.0.2." + std::to_string(host) + " 198.51.100.1 4660 443\r\n";
}

std::string WithChecksum(uint8_t command, uint8_t family, std::string_view rest) {
  std::string header = V2(command, family, std::string(rest) + Tlv(3, "\0\0\0\0"sv));
  const uint32_t sum = Crc32c(std::as_bytes(std::span(header)));
  header.replace(header.size() - 4, 4, Word(sum >> 16) + Word(sum & 0xffff));
  return header;
}

}  // namespace holdfast::test
