#include "net/evidence.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "queues/record.h"

using namespace holdfast;

namespace {

struct Written {
  explicit Written(const Evidence& evidence) : payload(kEvidenceBytes) {
    evidence.WriteTo(payload);
  }

  double Field(const std::string& name) const {
    for (uint32_t i = 0; i < kEvidenceFieldCount; ++i) {
      if (name != kEvidenceFieldNames[i]) continue;
      double value;
      std::memcpy(&value, payload.data() + i * sizeof(value), sizeof(value));
      return value;
    }
    return -2;
  }

  std::vector<std::byte> payload;
};

Evidence Everything() {
  Evidence evidence;
  evidence.bytes_read = 1ull << 40;
  evidence.bytes_written = 2;
  evidence.bytes_unsent = 3;
  evidence.duration_ms = 4;
  evidence.bytes_unread = 5;
  evidence.has_tcp_info = true;
  evidence.tcp.state = 7;
  evidence.tcp.retransmits = 8;
  evidence.tcp.probes = 9;
  evidence.tcp.backoff = 10;
  evidence.tcp.unacked_segments = 11;
  evidence.tcp.not_sent_bytes = 12;
  evidence.tcp.bytes_acked = 1ull << 41;
  evidence.tcp.bytes_received = 14;
  evidence.tcp.total_retransmits = 15;
  evidence.tcp.rtt_us = 16;
  evidence.tcp.rtt_var_us = 17;
  evidence.tcp.rto_us = 18;
  evidence.tcp.last_data_sent_ms = 19;
  evidence.tcp.last_data_received_ms = 20;
  evidence.tcp.last_ack_received_ms = 21;
  evidence.tcp.send_window_segments = 22;
  evidence.tcp.send_mss_bytes = 23;
  evidence.peer.family = 6;
  evidence.peer.port = 65'535;
  for (uint8_t i = 0; i < 16; ++i) evidence.peer.bytes[i] = i;
  return evidence;
}

constexpr const char* kAlwaysKnown[] = {"bytesRead",  "bytesWritten", "bytesUnsent", "durationMs",
                                        "remotePort", "family",       "hasTcpInfo",  "bytesUnread"};

}  // namespace

TEST_CASE("evidence: each field is written where its name stands") {
  const Written written(Everything());
  CHECK(written.Field("bytesRead") == 1ull << 40);
  CHECK(written.Field("bytesWritten") == 2);
  CHECK(written.Field("bytesUnsent") == 3);
  CHECK(written.Field("durationMs") == 4);
  CHECK(written.Field("detectedMs") == 20);
  CHECK(written.Field("remotePort") == 65'535);
  CHECK(written.Field("family") == 6);
  CHECK(written.Field("hasTcpInfo") == 1);
  CHECK(written.Field("state") == 7);
  CHECK(written.Field("retransmits") == 8);
  CHECK(written.Field("probes") == 9);
  CHECK(written.Field("backoff") == 10);
  CHECK(written.Field("unacked") == 11);
  CHECK(written.Field("notSentBytes") == 12);
  CHECK(written.Field("bytesAcked") == 1ull << 41);
  CHECK(written.Field("bytesReceived") == 14);
  CHECK(written.Field("totalRetransmits") == 15);
  CHECK(written.Field("rttUs") == 16);
  CHECK(written.Field("rttVarUs") == 17);
  CHECK(written.Field("rtoUs") == 18);
  CHECK(written.Field("lastDataSentMs") == 19);
  CHECK(written.Field("lastDataReceivedMs") == 20);
  CHECK(written.Field("lastAckReceivedMs") == 21);
  CHECK(written.Field("sndCwnd") == 22);
  CHECK(written.Field("sndMss") == 23);
  CHECK(written.Field("bytesUnread") == 5);
  for (uint8_t i = 0; i < 16; ++i) {
    CHECK(written.payload[kEvidenceFieldCount * 8 + i] == std::byte{i});
  }
}

TEST_CASE("evidence: what the kernel did not tell is -1, what we counted is known") {
  Evidence evidence = Everything();
  evidence.has_tcp_info = false;
  const Written written(evidence);
  for (const char* name : kEvidenceFieldNames) {
    CAPTURE(name);
    bool always_known = false;
    for (const char* known : kAlwaysKnown) always_known |= std::strcmp(known, name) == 0;
    CHECK((written.Field(name) == -1) == !always_known);
  }
}
