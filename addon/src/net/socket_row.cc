#include "net/socket_row.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "base/check.h"
#include "queues/record.h"

namespace holdfast {

namespace {

void WriteRow(double slot, double generation, const Evidence& evidence,
              const platform::SocketTableRow* row, std::span<double> words) {
  HF_CHECK(words.size() == kSocketRowWords);
  const auto known = [row](auto value) {
    return row != nullptr ? static_cast<double>(value) : -1.0;
  };
  const platform::SocketTableRow& table = row != nullptr ? *row : platform::SocketTableRow{};
  const double fields[] = {
      slot,
      generation,
      known(table.local.port),
      known(table.state),
      known(table.timer),
      known(table.timer_expires_ms),
      known(table.timer_unanswered),
      known(table.receive_queue_bytes),
      known(table.send_queue_bytes),
      known(table.uid),
      known(table.inode),
  };
  static_assert(std::size(fields) == kSocketFieldCount);
  std::copy(std::begin(fields), std::end(fields), words.begin());
  const std::span<std::byte> rest = std::as_writable_bytes(words.subspan(kSocketFieldCount));
  evidence.WriteTo(rest.first(kEvidenceBytes));
  std::memcpy(rest.data() + kEvidenceBytes, table.local.bytes, kAddressBytes);
}

}  // namespace

void WriteConnectionRow(ConnectionId id, const Evidence& evidence,
                        const platform::SocketTableRow* row, std::span<double> words) {
  WriteRow(id.slot, id.generation, evidence, row, words);
}

void WriteForeignRow(const platform::SocketTableRow& row, std::span<double> words) {
  Evidence evidence;
  evidence.peer = row.remote;
  evidence.has_tcp_info = row.has_tcp_info;
  evidence.tcp = row.tcp;
  WriteRow(-1, -1, evidence, &row, words);
}

}  // namespace holdfast
