// What the model knows of time. It keeps moments in 64 bits and asks each rule by itself, so that
// it shares no arithmetic with net/deadlines.h.

#include <algorithm>
#include <cstring>

#include "simulation/model.h"
#include "time/wheel.h"

namespace holdfast::simulation {

// Moments that only the reactor decides: seen after each pass of the loop, whose clock stands still
// while it runs.
void Model::Observe(Life& life, const Connection& connection) {
  const uint64_t now = schedule_.now_ms;
  const DeadlineOptions& rules = life.door->options.deadlines;
  if (connection.queue == nullptr) {
    life.backlog_ms = 0;
  } else if (life.backlog_ms == 0) {
    life.backlog_ms = now;
  } else if (connection.activity.backlog_ms == static_cast<uint32_t>(now)) {
    life.backlog_ms = now;  // emptied and filled again in this pass
  }
  if (connection.peer.port != life.peer.port ||
      std::memcmp(connection.peer.bytes, life.peer.bytes, sizeof(life.peer.bytes)) != 0)
    Complain(life.id, "the address is another");
  ObserveEnding(life, connection);
  ObserveThrottling(life, connection);
  if (connection.activity.beat_unanswered && !life.beat_unanswered) {
    life.beat_unanswered = true;
    life.beat_ms = now;
    // One that still waits for room in the batch stands for this one too.
    if (life.beats_told == life.beats) ++life.beats;
    if (now - life.read_ms < rules.beat_ms - rules.beat_ms / 8)
      Complain(life.id, "a heartbeat too early");
    if (life.paused) Complain(life.id, "a heartbeat of a paused connection");
  }
  const auto pipe = network_.pipes().find(connection.socket.fd);
  if (pipe == network_.pipes().end()) return Complain(life.id, "open without a socket");
  if (pipe->second->dead && life.dead_ms == 0) life.dead_ms = now;
  life.left_unread = pipe->second->unread() > 0;
}

// The host knows of each end that begins in order: it asked for it, or it was asked to.
void Model::ObserveEnding(Life& life, const Connection& connection) {
  const uint64_t now = schedule_.now_ms;
  if (connection.activity.ending && !life.ending) {
    life.ending = true;
    life.end_ms = now;
    if (!life.ended && !LifetimeIsOver(life, now))
      Complain(life.id, "is to end, and no rule wants it");
  }
  if (connection.state == ConnectionState::kDraining && !life.ended && !life.told_ending)
    Complain(life.id, "ends, and the host does not know");
}

// At most a tick and one pass of the loop late. `began_ms` is the time of the pass before: what was
// due by then had its pass.
void Model::CheckLate(const Life& life, uint64_t began_ms) {
  const DeadlineOptions& rules = life.door->options.deadlines;
  const auto late = [&](const char* what, uint64_t since_ms, uint64_t allowed_ms) {
    if (allowed_ms == 0) return;
    const uint64_t due_ms = since_ms + allowed_ms + kTickMs;
    if (due_ms > began_ms) return;
    Complain(life.id,
             std::string(what) + " is late: due since " + std::to_string(since_ms + allowed_ms));
  };
  late("idle (write)", life.sent_ms, rules.idle_write_ms);
  if (!life.paused) {
    late("idle", std::max(life.read_ms, life.sent_ms), rules.idle_ms);
    late("idle (read)", life.read_ms, rules.idle_read_ms);
  }
  if (life.backlog_ms != 0) late("slow consumer", life.backlog_ms, rules.backlog_ms);
  // A look of the liveness clock ends those whose failure nothing else brings to light; it is due
  // in half a second, and seen in the next turn.
  if (life.send_failed_ms != 0) late("a failed send", life.send_failed_ms, 600);
  // Without TCP_INFO it hides behind bytes that are not read.
  const bool hidden = life.left_unread && !network_.weather().tells_tcp_info;
  if (life.dead_ms != 0 && (life.paused || life.read_to_end) && !hidden) {
    late("a death", std::max(life.dead_ms, life.unwatched_ms), 600);
  }
  if (life.throttled_ms != 0) {
    const uint64_t since_ms = std::max(life.throttled_ms, life.pings_ms);
    late("reading that goes on", since_ms, ThrottledMostMs(life, since_ms));
  }
  if (life.ending) return late("the end", life.end_ms, rules.end_ms);
  if (!life.ready) late("the handshake", life.opened_ms, rules.handshake_ms);
  late("the lifetime", life.opened_ms, rules.lifetime_ms);
  if (rules.beat_ms == 0 || life.paused) return;
  if (life.beat_unanswered) {
    late("a heartbeat's reply", ReplyFromMs(life), rules.beat_reply_ms);
  } else {
    late("a heartbeat", life.read_ms, rules.beat_ms);
  }
}

// At least: each has a jitter of its own.
bool Model::LifetimeIsOver(const Life& life, uint64_t at_ms) {
  const DeadlineOptions& rules = life.door->options.deadlines;
  return rules.lifetime_ms != 0 &&
         at_ms - life.opened_ms >= rules.lifetime_ms - rules.lifetime_jitter_ms;
}

bool Model::IsCut(const Life& life) {
  const uint64_t end_ms = life.door->options.deadlines.end_ms;
  return life.ending && end_ms != 0 && life.closing_ms - life.end_ms >= end_ms;
}

void Model::JudgeOrderly(const Life& life, const Event& event) {
  if (event.error() != 0 || life.destroyed || IsCut(life)) return;
  if (!life.read_to_end) Complain(life.id, "an orderly end without the peer's FIN");
  if (life.taken != life.wrote) Complain(life.id, "an orderly end that leaves bytes behind");
}

// Whether the rule that a connection is said to have broken was broken.
void Model::JudgeReason(const Life& life, const Event& event) {
  const DeadlineOptions& rules = life.door->options.deadlines;
  const uint64_t at = life.closing_ms;
  const auto broken = [at](uint64_t since_ms, uint64_t allowed_ms) {
    return allowed_ms != 0 && at - since_ms >= allowed_ms;
  };
  const auto unless = [&](bool was_broken) {
    if (!was_broken)
      Complain(life.id, std::string(kDisconnectReasonNames[event.words[3]]) +
                            " too early: opened " + std::to_string(life.opened_ms) + ", read " +
                            std::to_string(life.read_ms) + ", sent " +
                            std::to_string(life.sent_ms) + ", asked " +
                            std::to_string(life.beat_ms));
  };
  // A connection is silent only when what has come from it was read.
  const bool unheard = life.all_read && life.left_unread;
  switch (event.reason()) {
    case DisconnectReason::kIdleTimeout: {
      const bool write = broken(life.sent_ms, rules.idle_write_ms);
      unless(write ||
             (!life.paused && (broken(life.read_ms, rules.idle_read_ms) ||
                               broken(std::max(life.read_ms, life.sent_ms), rules.idle_ms))));
      if (!write && unheard) Complain(life.id, "idle before it was received from");
      return;
    }
    case DisconnectReason::kRateLimit: {
      const IntakeOptions& intake = life.door->options.intake;
      network_.Note(intake.ends_fast && life.too_fast ? Seen::kEndsFast : Seen::kEndsPinging);
      return unless((intake.ends_fast && life.too_fast) ||
                    (intake.ends_pinging && life.pings_too_often));
    }
    case DisconnectReason::kHandshakeTimeout:
      return unless(!life.ready && broken(life.opened_ms, rules.handshake_ms));
    case DisconnectReason::kHeartbeatTimeout:
      unless(life.beat_unanswered && broken(ReplyFromMs(life), rules.beat_reply_ms));
      if (unheard) Complain(life.id, "no reply before it was received from");
      return;
    case DisconnectReason::kSlowConsumer: {
      if (!life.reset) Complain(life.id, "a slow consumer that is left in the kernel");
      // All queues together go down to seven eighths.
      const uint64_t memory = life.door->options.queue_memory_bytes;
      if (memory != 0 && life.taken < life.wrote && life.most_held > memory - memory / 8) {
        network_.Note(Seen::kEndsForMemory);
        return;
      }
      if (!broken(life.backlog_ms, rules.backlog_ms) || life.backlog_ms == 0) {
        Complain(life.id, "no slow consumer yet: its backlog is of " +
                              std::to_string(life.backlog_ms) + ", at most held " +
                              std::to_string(life.most_held) + " of " + std::to_string(memory));
      }
      return;
    }
    case DisconnectReason::kLocalEnd:
    case DisconnectReason::kPeerEnd:
      if (!life.ended) Complain(life.id, "an end that the host did not ask for");
      return JudgeOrderly(life, event);
    case DisconnectReason::kLocalAbort:
      if (!life.destroyed) Complain(life.id, "an abort that the host did not ask for");
      return;
    case DisconnectReason::kLifetime:
      if (!LifetimeIsOver(life, at)) Complain(life.id, "a lifetime too short");
      if (!life.told_ending && !IsCut(life)) Complain(life.id, "an end that the host was not told");
      network_.Note(IsCut(life) ? Seen::kLifetimeCut : Seen::kLifetimeEnds);
      return JudgeOrderly(life, event);
    case DisconnectReason::kPeerReset:
    case DisconnectReason::kIoError:
    case DisconnectReason::kUnreachable:
    case DisconnectReason::kKeepaliveTimeout:
    case DisconnectReason::kSendTimeout:
      if (event.error() == 0) Complain(life.id, "a failure without an error");
      JudgeDeath(life, event);
      return;
    default:
      return Complain(life.id, "a reason that nothing here has");
  }
}

}  // namespace holdfast::simulation
