// What must hold after each pass of the loop, and when all has come to rest.

#include <algorithm>
#include <string>

#include "simulation/model.h"

namespace holdfast::simulation {

namespace {
constexpr uint64_t kRestMs = 2000;
}

void Model::Check(Reactor& reactor, uint64_t began_ms, bool put_off,
                  std::span<const uint32_t> queued_bytes) {
  if (passed_ms_ != 0) {
    longest_pass_ms_ = std::max(longest_pass_ms_, schedule_.now_ms - passed_ms_);
  }
  passed_ms_ = schedule_.now_ms;
  SettleUnopened();
  CheckWaiting(began_ms, put_off);
  CheckCounts(reactor);
  Observe(reactor);
  for (auto& [slot, life] : lives_) {
    if (life.closing) continue;
    const Connection* connection = reactor.FindConnection(life.id);
    if (connection == nullptr) continue;  // complained of
    CheckTold(life, *connection, queued_bytes[slot]);
    CheckLiveness(life, *connection, began_ms);
    if (!put_off) CheckLate(life, began_ms);
  }
}

// What found no room in a batch goes first in the next ones: each pass tells of several.
void Model::CheckTold(Life& life, const Connection& connection, uint32_t queued_bytes) {
  if (queued_bytes != life.wrote - life.taken)
    Complain(life.id, "what is queued is not what was written and not sent");
  const bool open = connection.state == ConnectionState::kOpen && connection.error == 0;
  const bool drained =
      life.promised && open && queued_bytes <= life.door->options.low_watermark_bytes;
  const bool ended = life.read_to_end && !life.told_end;
  const bool ending = life.ending && !life.ended && !life.told_ending;
  life.untold_passes = drained || ended || ending ? life.untold_passes + 1 : 0;
  if (life.untold_passes <= 8 + lives_.size()) return;
  if (ending) return Complain(life.id, "to be ended, and the host is not told");
  Complain(life.id, ended ? "an end of the peer that is not told" : "a drain that does not come");
}

void Model::Observe(Reactor& reactor) {
  for (auto& [slot, life] : lives_) {
    const Connection* connection = reactor.FindConnection(life.id);
    if ((connection == nullptr) != life.closing) Complain(life.id, "closing, or not");
    if (connection != nullptr) Observe(life, *connection);
  }
}

bool Model::CheckAtRest(Reactor& reactor, bool last) {
  for (const auto& [id, door] : doors_) CheckDoorAtRest(id, door);
  for (const auto& [slot, life] : lives_) {
    const Connection* connection = reactor.FindConnection(life.id);
    if (connection == nullptr) {
      if (schedule_.now_ms - life.closing_ms > kRestMs)
        Complain(life.id, "an end that is never told");
      continue;
    }
    if (connection->throttled) continue;
    const Pipe& pipe = *network_.pipes().at(connection->socket.fd);
    // It is read a byte at a time, perhaps, or has only just begun to end.
    if (pipe.unread() > 0) continue;
    if (life.ending && schedule_.now_ms - life.end_ms < kRestMs) continue;
    if (schedule_.now_ms - life.read_ms < kRestMs) continue;
    // CheckLiveness holds when those end; on some systems without a bound.
    if (pipe.tcp.vanished() || pipe.tcp.outstanding()) continue;
    if (connection->state != ConnectionState::kOpen) Complain(life.id, "an end that never comes");
    if (connection->state != ConnectionState::kOpen || life.send_failed_ms != 0) continue;
    if (life.taken != life.wrote) Complain(life.id, "bytes that are never sent");
  }
  const bool fine = complaint_.empty();
  if (!last) complaint_.clear();
  return fine;
}

}  // namespace holdfast::simulation
