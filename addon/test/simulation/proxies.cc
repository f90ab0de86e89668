#include "simulation/proxies.h"

#include <string>

#include "support/proxy_headers.h"

namespace holdfast::simulation {

namespace {

// Another than any peer has itself.
Address ClientAt(uint8_t host) {
  Address client{.port = 4660, .family = 4};
  client.bytes[0] = 192;
  client.bytes[2] = 2;
  client.bytes[3] = host;
  return client;
}

}  // namespace

void DrawHeader(Random* from, Pipe* pipe) {
  Random& random = *from;
  const auto host = static_cast<uint8_t>(random.Below(12));
  pipe->behind_proxy = true;
  pipe->client = ClientAt(host);
  switch (random.Below(4)) {
    case 0:
      pipe->header = test::V1Client(host);
      break;
    case 1:
      pipe->header = test::V2Client(host, test::Tlv(4, std::string(random.Below(80), 'x')));
      break;
    case 2:
      pipe->header = test::WithChecksum(test::kProxy, test::kTcp4,
                                        test::V2Client(host, test::Tlv(5, "unique")).substr(16));
      break;
    default:
      pipe->header = random.Chance(500) ? "PROXY UNKNOWN\r\n" : test::V2(test::kLocal, 0, "");
      pipe->client = pipe->peer;
      break;
  }
  const uint64_t size = pipe->header.size();
  const uint32_t dice = random.Below(100);
  if (dice < 10) {
    pipe->header[0] ^= 1;
    pipe->fails_at = 1;
  } else if (dice < 20) {
    // A line that ends too early, or a checksum that is none.
    pipe->header = random.Chance(500) ? "PROXY TCP4 192.0.2.7 198.51.100.1 4660\r\n"
                                      : test::V2Client(host, test::Tlv(3, "sum!"));
    pipe->fails_at = pipe->header.size();
  } else if (dice < 30) {
    pipe->sends_most = 0;
  } else if (dice < 40) {
    pipe->sends_most = random.Below(static_cast<uint32_t>(size));
  }
}

}  // namespace holdfast::simulation
