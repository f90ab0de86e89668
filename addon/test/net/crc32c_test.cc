#include "net/crc32c.h"

#include <doctest/doctest.h>

#include <string>

using namespace holdfast;

namespace {
uint32_t Of(const std::string& bytes, uint32_t before = 0) {
  return Crc32c(std::as_bytes(std::span(bytes)), before);
}
}  // namespace

// RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.
TEST_CASE("crc32c: known values") {
  CHECK(Of("") == 0);
  CHECK(Of("123456789") == 0xe3069283);
  CHECK(Of(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(Of(std::string(32, '\xff')) == 0x62a8ab43);
  std::string counting;
  for (char byte = 0; byte < 32; ++byte) counting += byte;
  CHECK(Of(counting) == 0x46dd794e);
}

TEST_CASE("crc32c: in pieces as in one") {
  const std::string text = "123456789";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    CHECK(Of(text.substr(cut), Of(text.substr(0, cut))) == 0xe3069283);
  }
}
