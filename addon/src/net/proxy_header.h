#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "platform/address.h"

namespace holdfast {

// Version 2: 16 bytes, then addresses and what else the proxy tells. The format allows 65,535 bytes
// of that; who sends more than this is refused. Version 1 is a line of 107 bytes at most.
inline constexpr uint32_t kProxyHeaderBytesMost = 16 + 4096;

// What a proxy says of its client before the client's first byte (the PROXY protocol, versions 1
// and 2, as HAProxy's proxy-protocol.txt specifies it).
struct ProxyHeader {
  enum class State : uint8_t {
    kIncomplete,  // so far nothing is wrong with it
    kMalformed,
    kDone,
  };

  State state = State::kIncomplete;
  uint32_t bytes = 0;  // how long it is, once it is done
  // It names no TCP client: the socket's own addresses hold.
  bool local = false;
  Address source = {};  // these two unless it is local
  Address destination = {};
};

// Of all that has come so far; what follows the header is not looked at.
ProxyHeader ParseProxyHeader(std::span<const std::byte> bytes);

}  // namespace holdfast
