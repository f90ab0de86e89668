#include "net/evidence.h"

#include <cstring>

#include "base/check.h"
#include "net/connection.h"
#include "queues/record.h"

namespace holdfast {

Evidence Account(const Connection& connection, uint64_t now_ms) {
  Evidence evidence;
  evidence.bytes_read = connection.bytes_read;
  evidence.bytes_written = connection.bytes_written;
  evidence.bytes_unsent = connection.queue ? connection.queue->bytes() : 0;
  evidence.duration_ms = now_ms - connection.opened_ms;
  evidence.peer = connection.peer;
  evidence.fin_sent = connection.fin_sent && !connection.fin_failed;
  return evidence;
}

Evidence Gather(const Connection& connection, uint64_t now_ms) {
  Evidence evidence = Account(connection, now_ms);
  evidence.has_tcp_info = platform::ReadTcpInfo(connection.socket.fd, &evidence.tcp);
  // After the peer's FIN there is nothing left to read; otherwise whoever ends it may leave bytes.
  // Where the kernel has received no more than was read, the call that counts them is saved: in a
  // storm of resets it is a twentieth of all. (It counts a FIN and an urgent byte as well.)
  const bool all_read =
      connection.peer_ended ||
      (evidence.has_tcp_info && evidence.tcp.bytes_received == evidence.bytes_read);
  evidence.bytes_unread = all_read ? 0 : platform::UnreadBytes(connection.socket.fd);
  return evidence;
}

bool Evidence::HasOutstanding() const {
  if (!has_tcp_info) return false;
  const uint64_t sequence_sent = bytes_written + (fin_sent ? 1 : 0);
  return tcp.unacked_segments > 0 || tcp.not_sent_bytes > 0 || bytes_unsent > 0 ||
         sequence_sent > tcp.bytes_acked;
}

void Evidence::WriteTo(std::span<std::byte> payload) const {
  const auto known = [this](double value) { return has_tcp_info ? value : -1.0; };
  const double fields[] = {
      static_cast<double>(bytes_read),
      static_cast<double>(bytes_written),
      static_cast<double>(bytes_unsent),
      static_cast<double>(duration_ms),
      // The kernel's clock does not count RST: it would tell how long the connection was idle
      // before.
      reset_by_peer ? -1.0 : known(tcp.silent_ms()),
      static_cast<double>(peer.port),
      static_cast<double>(peer.family),
      has_tcp_info ? 1.0 : 0.0,
      known(tcp.state),
      known(tcp.retransmits),
      known(tcp.probes),
      known(tcp.backoff),
      known(tcp.unacked_segments),
      known(tcp.not_sent_bytes),
      known(static_cast<double>(tcp.bytes_acked)),
      known(static_cast<double>(tcp.bytes_received)),
      known(tcp.total_retransmits),
      known(tcp.rtt_us),
      known(tcp.rtt_var_us),
      known(tcp.rto_us),
      known(tcp.last_data_sent_ms),
      known(tcp.last_data_received_ms),
      known(tcp.last_ack_received_ms),
      known(tcp.send_window_segments),
      known(tcp.send_mss_bytes),
      static_cast<double>(bytes_unread),
  };
  static_assert(sizeof(fields) / sizeof(fields[0]) == kEvidenceFieldCount);
  HF_CHECK(payload.size() >= kEvidenceBytes);
  std::memcpy(payload.data(), fields, sizeof(fields));
  std::memcpy(payload.data() + sizeof(fields), peer.bytes, kAddressBytes);
}

}  // namespace holdfast
