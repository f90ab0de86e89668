#ifdef __linux__

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "platform/tcp_info_linux.h"

namespace holdfast::platform {

void CopyTcpInfo(std::span<const std::byte> raw, TcpInfo* out) {
  tcp_info info = {};
  std::memcpy(&info, raw.data(), std::min(raw.size(), sizeof(info)));
  out->state = info.tcpi_state;
  out->retransmits = info.tcpi_retransmits;
  out->probes = info.tcpi_probes;
  out->backoff = info.tcpi_backoff;
  out->unacked_segments = info.tcpi_unacked;
  out->not_sent_bytes = info.tcpi_notsent_bytes;
  out->bytes_acked = info.tcpi_bytes_acked;
  out->bytes_received = info.tcpi_bytes_received;
  out->total_retransmits = info.tcpi_total_retrans;
  out->rtt_us = info.tcpi_rtt;
  out->rtt_var_us = info.tcpi_rttvar;
  out->rto_us = info.tcpi_rto;
  out->last_data_sent_ms = info.tcpi_last_data_sent;
  out->last_data_received_ms = info.tcpi_last_data_recv;
  out->last_ack_received_ms = info.tcpi_last_ack_recv;
  out->send_window_segments = info.tcpi_snd_cwnd;
  out->send_mss_bytes = info.tcpi_snd_mss;
}

bool ReadTcpInfo(SocketHandle socket, TcpInfo* out) {
  tcp_info info = {};
  socklen_t length = sizeof(info);
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
  CopyTcpInfo({reinterpret_cast<const std::byte*>(&info), length}, out);
  return true;
}

}  // namespace holdfast::platform

#endif
