#include "net/proxy_header.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "net/crc32c.h"

namespace holdfast {

namespace {

using State = ProxyHeader::State;
using namespace std::string_view_literals;

constexpr std::string_view kTextMark = "PROXY ";
constexpr size_t kLineBytesMost = 107;  // with its CR LF

constexpr std::string_view kBinaryMark = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr size_t kFixedBytes = 16;
constexpr uint32_t kVariableBytesMost = kProxyHeaderBytesMost - kFixedBytes;
constexpr uint8_t kCommandLocal = 0x20;
constexpr uint8_t kCommandProxy = 0x21;
constexpr uint8_t kTcp4 = 0x11;
constexpr uint8_t kTcp6 = 0x21;
constexpr size_t kTlvHeadBytes = 3;  // type, length
constexpr uint8_t kTlvCrc32c = 0x03;
constexpr size_t kCrcBytes = 4;

constexpr ProxyHeader Is(State state) {
  return {.state = state};
}

ProxyHeader Local(size_t bytes) {
  return {.state = State::kDone, .bytes = static_cast<uint32_t>(bytes), .local = true};
}

// Version 1, a line.

// The part up to the next space, which is dropped with it.
std::string_view TakeWord(std::string_view* rest) {
  const size_t space = std::min(rest->find(' '), rest->size());
  const std::string_view word = rest->substr(0, space);
  rest->remove_prefix(std::min(space + 1, rest->size()));
  return word;
}

bool ReadPort(std::string_view text, uint16_t* port) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
  uint32_t number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return false;
    number = number * 10 + static_cast<uint32_t>(digit - '0');
  }
  *port = static_cast<uint16_t>(number);
  return number <= UINT16_MAX;
}

bool ReadAddress(std::string_view text, int family, Address* address) {
  // The parser behind takes zone indices and stops at a NUL; a header has neither.
  constexpr std::string_view kV4 = "0123456789.";
  constexpr std::string_view kV6 = "0123456789abcdefABCDEF:.";
  char terminated[kAddressTextBytes] = {};
  if (text.size() >= sizeof(terminated)) return false;
  if (text.find_first_not_of(family == 4 ? kV4 : kV6) != text.npos) return false;
  std::memcpy(terminated, text.data(), text.size());
  return ParseAddress(terminated, family, 0, address);
}

ProxyHeader ParseLine(std::string_view text) {
  const size_t end = text.substr(0, kLineBytesMost - 1).find('\r');
  if (end == text.npos) {
    return Is(text.size() < kLineBytesMost - 1 ? State::kIncomplete : State::kMalformed);
  }
  if (end + 1 == text.size()) return Is(State::kIncomplete);
  if (text[end + 1] != '\n') return Is(State::kMalformed);
  const size_t bytes = end + 2;
  std::string_view rest = text.substr(kTextMark.size(), end - kTextMark.size());
  // An empty last word would look like none.
  if (rest.empty() || rest.back() == ' ') {
    return rest.starts_with("UNKNOWN ") ? Local(bytes) : Is(State::kMalformed);
  }
  const std::string_view family = TakeWord(&rest);
  // Whatever else the line says of it is to be ignored.
  if (family == "UNKNOWN") return Local(bytes);
  if (family != "TCP4" && family != "TCP6") return Is(State::kMalformed);
  const int version = family == "TCP4" ? 4 : 6;
  ProxyHeader header = {.state = State::kDone, .bytes = static_cast<uint32_t>(bytes)};
  const bool valid = ReadAddress(TakeWord(&rest), version, &header.source) &&
                     ReadAddress(TakeWord(&rest), version, &header.destination) &&
                     ReadPort(TakeWord(&rest), &header.source.port) &&
                     ReadPort(TakeWord(&rest), &header.destination.port) && rest.empty();
  return valid ? header : Is(State::kMalformed);
}

// Version 2, binary.

// Of both addresses with their ports; none for a family or transport that is not assigned.
std::optional<size_t> AddressBlockBytes(uint8_t family) {
  switch (family) {
    case 0x00:  // UNSPEC
      return 0;
    case kTcp4:
    case 0x12:  // UDP over IPv4
      return 12;
    case kTcp6:
    case 0x22:  // UDP over IPv6
      return 36;
    case 0x31:  // UNIX, as a stream
    case 0x32:  // and as datagrams
      return 216;
    default:
      return std::nullopt;
  }
}

uint8_t ByteAt(std::span<const std::byte> bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

uint16_t WordAt(std::span<const std::byte> bytes, size_t at) {
  return static_cast<uint16_t>(ByteAt(bytes, at) << 8 | ByteAt(bytes, at + 1));
}

// With the field that holds it taken as zeros.
bool IsChecksumRight(std::span<const std::byte> header, size_t field) {
  constexpr std::array<std::byte, kCrcBytes> kZeros = {};
  const uint32_t told = uint32_t{WordAt(header, field)} << 16 | uint32_t{WordAt(header, field + 2)};
  const uint32_t before = Crc32c(kZeros, Crc32c(header.first(field)));
  return Crc32c(header.subspan(field + kCrcBytes), before) == told;
}

// They must fill what is behind the addresses to the last byte.
bool AreTlvsValid(std::span<const std::byte> header, size_t at) {
  std::optional<size_t> checksum;
  while (at < header.size()) {
    if (header.size() - at < kTlvHeadBytes) return false;
    const size_t value = at + kTlvHeadBytes;
    const size_t length = WordAt(header, at + 1);
    if (length > header.size() - value) return false;
    if (ByteAt(header, at) == kTlvCrc32c) {
      if (length != kCrcBytes || checksum) return false;
      checksum = value;
    }
    at = value + length;
  }
  return !checksum || IsChecksumRight(header, *checksum);
}

Address AddressAt(std::span<const std::byte> header, size_t at, size_t port_at, uint8_t version) {
  Address address;
  std::memcpy(address.bytes, header.data() + at, version == 4 ? 4 : 16);
  address.port = WordAt(header, port_at);
  address.family = version;
  return address;
}

ProxyHeader ParseBinary(std::span<const std::byte> bytes) {
  constexpr size_t kCommandAt = kBinaryMark.size();
  constexpr size_t kFamilyAt = kCommandAt + 1;
  constexpr size_t kLengthAt = kCommandAt + 2;
  if (bytes.size() <= kCommandAt) return Is(State::kIncomplete);
  const uint8_t command = ByteAt(bytes, kCommandAt);
  if (command != kCommandLocal && command != kCommandProxy) return Is(State::kMalformed);
  if (bytes.size() <= kFamilyAt) return Is(State::kIncomplete);
  const uint8_t family = ByteAt(bytes, kFamilyAt);
  // Of LOCAL the specification wants the length alone: the family and all that follows is
  // discarded.
  const bool is_local = command == kCommandLocal;
  const auto block = is_local ? std::optional<size_t>(0) : AddressBlockBytes(family);
  if (!block) return Is(State::kMalformed);
  if (bytes.size() < kFixedBytes) return Is(State::kIncomplete);
  const size_t variable = WordAt(bytes, kLengthAt);
  if (variable > kVariableBytesMost || variable < *block) return Is(State::kMalformed);
  const size_t total = kFixedBytes + variable;
  if (bytes.size() < total) return Is(State::kIncomplete);
  if (is_local) return Local(total);
  const std::span<const std::byte> header = bytes.first(total);
  if (!AreTlvsValid(header, kFixedBytes + *block)) return Is(State::kMalformed);
  if (family != kTcp4 && family != kTcp6) return Local(total);
  const uint8_t version = family == kTcp4 ? 4 : 6;
  const size_t address_bytes = version == 4 ? 4 : 16;
  const size_t ports_at = kFixedBytes + 2 * address_bytes;
  return {
      .state = State::kDone,
      .bytes = static_cast<uint32_t>(total),
      .source = AddressAt(header, kFixedBytes, ports_at, version),
      .destination = AddressAt(header, kFixedBytes + address_bytes, ports_at + 2, version),
  };
}

bool MayBegin(std::string_view text, std::string_view mark) {
  return text.substr(0, mark.size()) == mark.substr(0, text.size());
}

}  // namespace

ProxyHeader ParseProxyHeader(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (MayBegin(text, kTextMark)) {
    return text.size() < kTextMark.size() ? Is(State::kIncomplete) : ParseLine(text);
  }
  return MayBegin(text, kBinaryMark) ? ParseBinary(bytes) : Is(State::kMalformed);
}

}  // namespace holdfast
