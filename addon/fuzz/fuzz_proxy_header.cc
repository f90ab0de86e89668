// Arbitrary bytes as a PROXY header. What must hold: nothing is read outside of them, the verdict
// on a part is never taken back by what follows, what is done says where it ends and does not
// depend on what stands behind it, a header that is done is no longer than the limit, and one of
// LOCAL is done when its length is there.

#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "base/check.h"
#include "net/proxy_header.h"

using namespace holdfast;
using State = ProxyHeader::State;

namespace {

// On the heap and of that size, so that the sanitizer sees a single byte too far.
ProxyHeader Parse(std::span<const uint8_t> bytes) {
  const auto exact = std::make_unique<std::byte[]>(bytes.size());
  if (!bytes.empty()) std::memcpy(exact.get(), bytes.data(), bytes.size());
  return ParseProxyHeader({exact.get(), bytes.size()});
}

bool Same(const Address& a, const Address& b) {
  return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0 && a.port == b.port &&
         a.family == b.family && a.scope == b.scope;
}

bool Same(const ProxyHeader& a, const ProxyHeader& b) {
  return a.state == b.state && a.bytes == b.bytes && a.local == b.local &&
         Same(a.source, b.source) && Same(a.destination, b.destination);
}

constexpr std::string_view kLocalMark("\r\n\r\n\0\r\nQUIT\n\x20", 13);
constexpr size_t kFixedBytes = 16;

bool IsLocal(std::span<const uint8_t> bytes) {
  return bytes.size() >= kFixedBytes &&
         std::memcmp(bytes.data(), kLocalMark.data(), kLocalMark.size()) == 0;
}

void CheckLocal(std::span<const uint8_t> bytes, const ProxyHeader& header) {
  const size_t total = kFixedBytes + (size_t{bytes[14]} << 8 | bytes[15]);
  if (total > kProxyHeaderBytesMost) {
    HF_CHECK(header.state == State::kMalformed);
  } else if (bytes.size() < total) {
    HF_CHECK(header.state == State::kIncomplete);
  } else {
    HF_CHECK(header.state == State::kDone && header.local && header.bytes == total);
  }
}

// A cut at each byte is quadratic, so of long inputs only some.
size_t StepFor(size_t size) {
  return size / 256 + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  const ProxyHeader whole = Parse(bytes);
  if (IsLocal(bytes)) CheckLocal(bytes, whole);
  const size_t step = StepFor(size);
  for (size_t cut = 0; cut < size; cut += step) {
    const ProxyHeader part = Parse(bytes.first(cut));
    if (part.state == State::kIncomplete) {
      HF_CHECK(whole.state != State::kDone || cut < whole.bytes);
    } else {
      HF_CHECK(Same(part, whole));
    }
  }
  if (whole.state == State::kIncomplete) HF_CHECK(size < kProxyHeaderBytesMost);
  if (whole.state != State::kDone) return 0;
  HF_CHECK(whole.bytes > 0 && whole.bytes <= size && whole.bytes <= kProxyHeaderBytesMost);
  HF_CHECK(Same(Parse(bytes.first(whole.bytes)), whole));
  HF_CHECK(Parse(bytes.first(whole.bytes - 1)).state == State::kIncomplete);
  const uint8_t family = whole.source.family;
  HF_CHECK(whole.destination.family == family);
  HF_CHECK(whole.local ? family == 0 : family == 4 || family == 6);
  return 0;
}
