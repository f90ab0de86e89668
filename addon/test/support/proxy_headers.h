#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::test {

// PROXY headers of version 2, as a proxy writes them.
inline constexpr uint8_t kLocal = 0x20;
inline constexpr uint8_t kProxy = 0x21;
inline constexpr uint8_t kTcp4 = 0x11;

// The 16 fixed bytes in front of `rest`, with its length.
std::string V2(uint8_t command, uint8_t family, std::string_view rest);
std::string Tlv(uint8_t type, std::string_view value);
// Of a client at 192.0.2.`host`:4660 to 198.51.100.1:443, then `tlvs`.
std::string V2Client(uint8_t host, std::string_view tlvs = {});
// The same as a line of version 1.
std::string V1Client(uint8_t host);
// With a CRC-32C behind it that is right.
std::string WithChecksum(uint8_t command, uint8_t family, std::string_view rest);

}  // namespace holdfast::test
