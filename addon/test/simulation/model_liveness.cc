// What the model knows of peers that vanish, from the kernel's side: it shares nothing with
// net/liveness.h but the numbers that docs/decisions/0005 and 0018 promise.

#include <errno.h>

#include <algorithm>
#include <string>
#include <utility>

#include "simulation/model.h"
#include "time/wheel.h"

namespace holdfast::simulation {

namespace {
constexpr uint64_t kConfirmMs = 500;
constexpr uint64_t kAnswerMs = 50;

uint64_t ConfirmMs(const Tcp& tcp) {
  return std::max<uint64_t>(kConfirmMs, 2 * uint64_t{tcp.round_trip_ms()});
}
}  // namespace

// A peer that is gone with something outstanding ends when it was silent for the detection time and
// left two questions unanswered: two confirmations and the time for an answer later at most.
void Model::CheckLiveness(Life& life, const Connection& connection, uint64_t began_ms) {
  const Pipe& pipe = *network_.pipes().at(connection.socket.fd);
  const Tcp& tcp = pipe.tcp;
  const uint64_t detection_ms = life.door->options.detection_ms;
  if (!pipe.policy_fails && tcp.keepalive() != life.door->options.keepalive)
    Complain(life.id, "without the keepalive of its listener");
  if (detection_ms == 0 || !network_.weather().tells_tcp_info || pipe.dead) return;
  NoteSpared(life, tcp);
  if (!tcp.vanished() || !tcp.outstanding() || tcp.asked_twice_ms() == 0) return;
  // Two looks, each on a tick and in a pass of its own, which may be the longest so far.
  const uint64_t slack_ms = 2 * (kTickMs + longest_pass_ms_);
  const uint64_t bound_ms = std::max(tcp.heard_ms(), life.opened_ms) + detection_ms;
  const uint64_t asked_ms = std::max(tcp.asked_twice_ms(), tcp.outstanding_since_ms() + kConfirmMs);
  const uint64_t confirm_ms = ConfirmMs(tcp);
  const uint64_t answer_ms = std::max<uint64_t>(kAnswerMs, 2 * uint64_t{tcp.round_trip_ms()});
  // Asked in time for the look before the bound, which is the last but one; or two more are needed.
  const bool in_time = asked_ms + confirm_ms + slack_ms <= bound_ms;
  const uint64_t due_ms = (in_time ? bound_ms + confirm_ms - kConfirmMs
                                   : std::max(bound_ms, asked_ms) + 2 * confirm_ms + answer_ms) +
                          slack_ms;
  if (due_ms > began_ms) return;
  Complain(life.id, "vanished, and not found: silent since " + std::to_string(tcp.heard_ms()) +
                        ", asked twice by " + std::to_string(tcp.asked_twice_ms()) +
                        ", something outstanding since " +
                        std::to_string(tcp.outstanding_since_ms()));
}

// Those that a bound on silence must not end: that there were such peers is told by the coverage.
void Model::NoteSpared(Life& life, const Tcp& tcp) {
  const uint64_t now_ms = schedule_.now_ms;
  if (!tcp.window_closed()) life.slow_since_ms = 0;
  if (tcp.window_closed() && life.slow_since_ms == 0) life.slow_since_ms = now_ms;
  const uint64_t slow_ms = life.slow_since_ms == 0 ? 0 : now_ms - life.slow_since_ms;
  if (tcp.was_always_there() && slow_ms > 2 * life.door->options.detection_ms &&
      !std::exchange(life.slow_noted, true)) {
    network_.Note(Seen::kSlowSpared);
  }
  if (tcp.came_back() && !std::exchange(life.cut_noted, true)) network_.Note(Seen::kCutAndBack);
  if (tcp.made_good() && !std::exchange(life.loss_noted, true)) network_.Note(Seen::kLossSpared);
}

// Whether a connection that ended for its peer's silence may have.
void Model::JudgeDeath(const Life& life, const Event& event) {
  const bool unsent = event.Evidence("bytesUnsent") > 0;
  if (event.error() == ETIMEDOUT) {
    const bool asked_for_data = network_.weather().tells_tcp_info && (life.outstanding || unsent);
    const DisconnectReason right =
        asked_for_data ? DisconnectReason::kSendTimeout : DisconnectReason::kKeepaliveTimeout;
    if (event.reason() != right) {
      Complain(life.id, std::string("a timeout of the wrong name: ") +
                            kDisconnectReasonNames[event.words[3]] + ", unsent " +
                            std::to_string(event.Evidence("bytesUnsent")));
    }
  }
  if (!event.decided_by_clock()) {
    if (event.error() == ETIMEDOUT && !life.dead)
      Complain(life.id, "a timeout that neither the kernel nor the clock has decided");
    if (life.vanished && event.reason() == DisconnectReason::kKeepaliveTimeout)
      network_.Note(Seen::kVanishedIdle);
    return;
  }
  if (life.always_there) Complain(life.id, "a live peer was ended for its silence");
  if (life.closing_ms - life.heard_ms < life.door->options.detection_ms)
    Complain(life.id, "ended for its silence too early");
  if (!life.outstanding && !unsent)
    Complain(life.id, "ended by the clock, with nothing to wait for");
  if (!life.reset) Complain(life.id, "ended by the clock, and left in the kernel");
  if (event.reason() == DisconnectReason::kUnreachable) {
    network_.Note(Seen::kVanishedUnreachable);
  } else if (life.vanished) {
    network_.Note(life.window_closed ? Seen::kVanishedWindowClosed : Seen::kVanishedInFlight);
  }
}

}  // namespace holdfast::simulation
