// The liveness clock: when to look at a connection, and what follows.

#include <algorithm>

#include "net/liveness.h"
#include "reactor/reactor.h"

namespace holdfast {

namespace {
// A look costs 2 µs, and ten times that with all that follows when it ends its connection. Where a
// switch dies thousands are due in one tick: the rest waits for the next turns, and sockets are
// served between.
constexpr size_t kLooksPerTurn = 512;
}  // namespace

// Called for every write, so it must cost next to nothing while a look is due anyway.
void Reactor::WatchLiveness(Connection& connection) {
  if (connection.look.armed || connection.detection_ms == 0) return;
  if (!platform::HasLivenessClock()) return;
  // The peer was heard at last_heard_ms or later, so nothing can be decided before this time.
  const uint64_t heard_ms_ago = NowMs() - connection.last_heard_ms;
  const uint64_t until_due_ms =
      connection.detection_ms > heard_ms_ago ? connection.detection_ms - heard_ms_ago : 0;
  LookWithin(connection, std::max<uint64_t>(until_due_ms, 2 * kConfirmMs) - kConfirmMs);
}

void Reactor::LookWithin(Connection& connection, uint64_t ms) {
  const uint64_t tick = (NowMs() + ms + kTickMs - 1) / kTickMs;
  if (connection.look.armed && connection.look.deadline_tick <= tick) return;
  wheel_.Schedule(connection.socket.id.slot, tick);
}

void Reactor::LookAtClocks() {
  wheel_.Advance(NowMs() / kTickMs,
                 [this](uint32_t slot) { looks_due_.push_back(connections_.At(slot).socket.id); });
  const size_t end = std::min(looks_due_.size(), looks_taken_ + kLooksPerTurn);
  while (looks_taken_ < end) {
    // By id: while it waited, its connection may have ended and its slot serve another.
    Connection* connection = FindConnection(looks_due_[looks_taken_++]);
    if (connection != nullptr) TakeLookAt(*connection);
  }
  if (looks_taken_ < looks_due_.size()) return;
  looks_due_.clear();
  looks_taken_ = 0;
}

// The Io sees nothing of a socket that nobody reads from.
bool Reactor::IsBlindTo(const Connection& connection) const {
  return !io_->ReportsDeathUnread() && (connection.activity.unread || connection.peer_ended);
}

void Reactor::TakeLookAt(Connection& connection) {
  if (connection.error != 0) return Fail(connection, connection.error);
  platform::TcpInfo tcp;
  const bool known = platform::ReadTcpInfo(connection.socket.fd, &tcp);
  const bool blind = IsBlindTo(connection);
  if (known && blind && tcp.state == platform::TcpInfo::kStateClosed) {
    if (const int error = platform::TakeError(connection.socket.fd)) return Fail(connection, error);
  }
  // Without TCP_INFO a read that takes nothing finds the end, unless bytes stand in front of it.
  if (!known && blind) {
    if (const int error = platform::TakeReadError(connection.socket.fd)) {
      return Fail(connection, error);
    }
  }
  if (blind) LookWithin(connection, kConfirmMs);
  if (!known || connection.detection_ms == 0) return;
  const uint64_t unsent = connection.queue ? connection.queue->bytes() : 0;
  const Look look = TakeLook(tcp, unsent, connection.unanswered, connection.detection_ms);
  connection.unanswered = static_cast<uint8_t>(look.unanswered);
  connection.last_heard_ms = NowMs() - tcp.silent_ms();
  switch (look.verdict) {
    case Look::Verdict::kQuiet:
      return;
    case Look::Verdict::kLookAgain:
      return LookWithin(connection, look.after_ms);
    case Look::Verdict::kDead: {
      connection.decided_by_clock = true;
      // The connection ends here, so its soft error may be taken: what ICMP said meanwhile names
      // the cause better than the silence does.
      const int said = platform::TakeError(connection.socket.fd);
      // By RST, as the kernel does when its keepalive gives up: closed in order, the socket would
      // stay in the kernel with all that was not sent, and reach a peer that comes back after its
      // end was reported.
      return Close(connection, DisconnectReason::kNone, said != 0 ? said : -UV_ETIMEDOUT, true);
    }
  }
}

int Reactor::SetKeepalive(Connection& connection, const platform::Keepalive& keepalive,
                          uint32_t detection_ms, platform::Unsupported* unsupported) {
  platform::Keepalive wanted = keepalive;
  // Without keepalive nothing asks the peer at short intervals any more: back to the system's
  // default.
  if (!wanted.enabled && platform::HasLivenessClock()) {
    wanted.rto_max_ms = platform::kRtoMaxMostMs;
  }
  const int error = platform::ApplyKeepalive(connection.socket.fd, wanted, unsupported);
  if (error != 0) return error;
  connection.detection_ms = detection_ms;
  // The bound may be nearer than the look that is armed for the old one.
  if (detection_ms != 0 && platform::HasLivenessClock()) LookWithin(connection, kConfirmMs);
  return 0;
}

}  // namespace holdfast
