#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast {

// CRC-32C (Castagnoli; RFC 3720, appendix B.4) of the bytes behind those that `before` is the
// checksum of; 0: there are none.
uint32_t Crc32c(std::span<const std::byte> bytes, uint32_t before = 0);

}  // namespace holdfast
