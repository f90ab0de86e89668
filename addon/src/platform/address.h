#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

struct sockaddr;
struct sockaddr_storage;

namespace holdfast {

// A TCP endpoint. IPv4 stands in the first four bytes; `family` is 4 or 6, or 0 when unknown.
struct Address {
  uint8_t bytes[16] = {};
  uint32_t scope = 0;
  uint16_t port = 0;
  uint8_t family = 0;

  // The bytes, the port with its high byte first, the family; then zeros. 19 bytes at least.
  void WriteTo(std::span<std::byte> into) const;
};

// Longest text: an IPv6 address with a zone index.
inline constexpr int kAddressTextBytes = 64;

Address FromSockaddr(const sockaddr* from);
// Returns the length of the address written.
uint32_t ToSockaddr(const Address& address, sockaddr_storage* to);

// Parses an IP literal of the given family; false when it is none.
bool ParseAddress(const char* text, int family, uint16_t port, Address* out);
void FormatAddress(const Address& address, char (&text)[kAddressTextBytes]);

}  // namespace holdfast
