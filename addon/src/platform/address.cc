#include "platform/address.h"

#include <uv.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace holdfast {

void Address::WriteTo(std::span<std::byte> into) const {
  HF_CHECK(into.size() >= sizeof(bytes) + 3);
  std::fill(into.begin(), into.end(), std::byte{0});
  std::memcpy(into.data(), bytes, sizeof(bytes));
  into[sizeof(bytes)] = static_cast<std::byte>(port >> 8);
  into[sizeof(bytes) + 1] = static_cast<std::byte>(port);
  into[sizeof(bytes) + 2] = std::byte{family};
}

Address FromSockaddr(const sockaddr* from) {
  Address address;
  if (from->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(from);
    address.family = 4;
    address.port = ntohs(v4->sin_port);
    std::memcpy(address.bytes, &v4->sin_addr, 4);
  } else if (from->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(from);
    address.family = 6;
    address.port = ntohs(v6->sin6_port);
    address.scope = v6->sin6_scope_id;
    std::memcpy(address.bytes, &v6->sin6_addr, 16);
  }
  return address;
}

uint32_t ToSockaddr(const Address& address, sockaddr_storage* to) {
  std::memset(to, 0, sizeof(*to));
  if (address.family == 4) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(to);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    std::memcpy(&v4->sin_addr, address.bytes, 4);
    return sizeof(*v4);
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(to);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(address.port);
  v6->sin6_scope_id = address.scope;
  std::memcpy(&v6->sin6_addr, address.bytes, 16);
  return sizeof(*v6);
}

bool ParseAddress(const char* text, int family, uint16_t port, Address* out) {
  sockaddr_storage storage;
  const int error = family == 4
                        ? uv_ip4_addr(text, port, reinterpret_cast<sockaddr_in*>(&storage))
                        : uv_ip6_addr(text, port, reinterpret_cast<sockaddr_in6*>(&storage));
  if (error != 0) return false;
  *out = FromSockaddr(reinterpret_cast<const sockaddr*>(&storage));
  return true;
}

void FormatAddress(const Address& address, char (&text)[kAddressTextBytes]) {
  text[0] = '\0';
  if (address.family == 0) return;
  uv_inet_ntop(address.family == 4 ? AF_INET : AF_INET6, address.bytes, text, sizeof(text));
}

}  // namespace holdfast
