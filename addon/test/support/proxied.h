#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/proxy_headers.h"
#include "support/rig.h"

namespace holdfast::test {

inline Prefix NetworkOf(const char* text, uint32_t bits) {
  Address address;
  REQUIRE(ParseAddress(text, 4, 0, &address));
  return PrefixOf(address, bits, bits);
}

// Every peer of a rig is a proxy, for they come from loopback.
inline ListenerOptions Proxied(uint32_t header_ms = 5000) {
  ListenerOptions options = Rig::Options();
  options.proxy = {.from = {NetworkOf("127.0.0.0", 8)}, .header_ms = header_ms};
  return options;
}

// Of all reports of that cause together.
inline uint32_t Refused(const Rig& rig, Refusal cause = Refusal::kProxyHeader) {
  uint32_t sum = 0;
  for (const Event& event : rig.events) {
    if (event.kind != CompletionKind::kRefused) continue;
    if (event.words[2] == static_cast<uint32_t>(cause)) sum += event.words[3];
  }
  return sum;
}

inline Peer Send(Rig* rig, std::string_view bytes) {
  Peer peer = rig->Connect();
  REQUIRE(peer.Send(bytes) == bytes.size());
  return peer;
}

// The last of them to be told.
inline const Event& LastOpened(const Rig& rig) {
  const Event* last = nullptr;
  for (const Event& event : rig.events) {
    if (event.kind == CompletionKind::kOpen) last = &event;
  }
  REQUIRE(last != nullptr);
  return *last;
}

inline std::string Remote(Rig* rig, ConnectionId id) {
  const Connection* connection = rig->Find(id);
  REQUIRE(connection != nullptr);
  char text[kAddressTextBytes];
  FormatAddress(connection->peer, text);
  return text + std::string(" ") + std::to_string(connection->peer.port);
}

}  // namespace holdfast::test
