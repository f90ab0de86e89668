#pragma once

#include <algorithm>
#include <cstdint>

#include "base/ids.h"

namespace holdfast {

// What a listener allows its connections, in ms; 0 switches a rule off. At most kDeadlineMsMax.
struct DeadlineOptions {
  uint32_t idle_ms = 0;             // nothing received and nothing sent
  uint32_t idle_read_ms = 0;        // nothing received
  uint32_t idle_write_ms = 0;       // nothing sent
  uint32_t handshake_ms = 0;        // from the accept until the host says that it is complete
  uint32_t lifetime_ms = 0;         // from the accept
  uint32_t lifetime_jitter_ms = 0;  // subtracted from it, a share of its own for each connection
  uint32_t beat_ms = 0;             // nothing received: the host is asked to send a heartbeat
  uint32_t beat_reply_ms = 0;       // nothing received since that heartbeat
  uint32_t end_ms = 0;              // an end that was asked for has not come about
  uint32_t backlog_ms = 0;          // something of ours has been waiting for the peer to read

  bool Any() const {
    return (idle_ms | idle_read_ms | idle_write_ms | handshake_ms | lifetime_ms | beat_ms | end_ms |
            backlog_ms) != 0;
  }
};

// 20 days. Ages are told apart up to 49.7 days (2^32 ms), and a connection is judged at least this
// often: what is older than the longest deadline is kept at that age then (StopAging), so no age
// ever comes near the wrap.
inline constexpr uint32_t kDeadlineMsMax = 20u * 24 * 60 * 60 * 1000;

// Right across the wrap; a moment a little after `now` is one of this turn.
constexpr uint32_t AgeMs(uint32_t now_ms, uint32_t since_ms) {
  constexpr uint32_t kAheadMost = 60'000;
  const uint32_t age_ms = now_ms - since_ms;
  return age_ms > UINT32_MAX - kAheadMost ? 0 : age_ms;
}

// What a connection did last. The loop's milliseconds, cut to 32 bits.
struct Activity {
  // Called with each judgement: a connection may go on in one direction for months.
  void StopAging(uint32_t now_ms) {
    for (uint32_t* at_ms : {&read_ms, &sent_ms}) {
      if (AgeMs(now_ms, *at_ms) > kDeadlineMsMax) *at_ms = now_ms - kDeadlineMsMax;
    }
  }

  uint32_t opened_ms = 0;
  uint32_t read_ms = 0;
  uint32_t sent_ms = 0;
  uint32_t beat_ms = 0;     // when the host was asked for a heartbeat, or reading went on since
  uint32_t end_ms = 0;      // when an end was asked for, by the host or of it
  uint32_t backlog_ms = 0;  // when the queue was last empty
  bool established : 1 = false;
  bool beat_unanswered : 1 = false;
  bool ending : 1 = false;
  bool backlog : 1 = false;  // bytes are queued that the kernel does not take
  bool unread : 1 = false;   // not read from, for whatever cause: what the peer sends is not seen
};

enum class DeadlineKind : uint8_t {
  kNone,
  kIdle,
  kHandshake,
  kLifetime,
  kBeat,
  kBeatReply,
  kEnd,
  kBacklog,
};

struct Deadline {
  DeadlineKind kind = DeadlineKind::kNone;
  int64_t in_ms = 0;  // from now; not above 0: it has come
};

// A number of its own for each connection and moment, the same each time it is asked for: it needs
// no place in the connection. (The finalizer of splitmix64.)
constexpr uint32_t Scatter(ConnectionId id, uint32_t moment) {
  uint64_t x = (uint64_t{id.generation} << 32 | id.slot) + moment * 0x9e3779b97f4a7c15ull;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return static_cast<uint32_t>(x ^ x >> 31);
}

// Connections that fell silent together, after a broadcast or a restart of all clients, do not beat
// together: each comes up to an eighth of the interval early.
constexpr uint32_t BeatAfterMs(uint32_t beat_ms, ConnectionId id, uint32_t silent_since_ms) {
  return beat_ms - Scatter(id, silent_since_ms) % (beat_ms / 8 + 1);
}

constexpr uint32_t LifetimeMs(const DeadlineOptions& options, ConnectionId id) {
  return options.lifetime_ms - Scatter(id, 0) % (options.lifetime_jitter_ms + 1);
}

// The earliest of the deadlines that are in force. Nothing is kept but what the connection did
// last, so that traffic costs a store and no timer is ever moved.
constexpr Deadline NextDeadline(const DeadlineOptions& options, const Activity& activity,
                                ConnectionId id, uint32_t now_ms) {
  Deadline next;
  const auto consider = [&](DeadlineKind kind, uint32_t age_ms, uint32_t allowed_ms) {
    if (allowed_ms == 0) return;
    const int64_t in_ms = int64_t{allowed_ms} - age_ms;
    if (next.kind == DeadlineKind::kNone || in_ms < next.in_ms) next = {kind, in_ms};
  };
  const auto since = [now_ms](uint32_t at_ms) { return AgeMs(now_ms, at_ms); };
  const uint32_t read_age_ms = since(activity.read_ms);
  const uint32_t sent_age_ms = since(activity.sent_ms);
  consider(DeadlineKind::kIdle, sent_age_ms, options.idle_write_ms);
  if (!activity.unread) {
    consider(DeadlineKind::kIdle, std::min(read_age_ms, sent_age_ms), options.idle_ms);
    consider(DeadlineKind::kIdle, read_age_ms, options.idle_read_ms);
  }
  if (activity.backlog) {
    consider(DeadlineKind::kBacklog, since(activity.backlog_ms), options.backlog_ms);
  }
  if (activity.ending) {
    consider(DeadlineKind::kEnd, since(activity.end_ms), options.end_ms);
    return next;
  }
  if (!activity.established) {
    consider(DeadlineKind::kHandshake, since(activity.opened_ms), options.handshake_ms);
  }
  if (options.lifetime_ms != 0) {
    consider(DeadlineKind::kLifetime, since(activity.opened_ms), LifetimeMs(options, id));
  }
  if (options.beat_ms != 0 && !activity.unread) {
    if (activity.beat_unanswered) {
      consider(DeadlineKind::kBeatReply, since(activity.beat_ms), options.beat_reply_ms);
    } else {
      consider(DeadlineKind::kBeat, read_age_ms,
               BeatAfterMs(options.beat_ms, id, activity.read_ms));
    }
  }
  return next;
}

}  // namespace holdfast
