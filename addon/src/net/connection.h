#pragma once

#include <cstdint>
#include <memory>

#include "base/reason.h"
#include "io/io.h"
#include "net/deadlines.h"
#include "net/evidence.h"
#include "net/listener.h"
#include "queues/write_queue.h"
#include "time/wheel.h"

namespace holdfast {

// open      bytes go both ways
// draining  an end was asked for: what is queued is sent, then FIN; reading goes on
// closing   the socket is being closed; whatever is pending must answer first
// closed    all has answered; the completion is on its way, then the slot is free again
enum class ConnectionState : uint8_t { kOpen, kDraining, kClosing, kClosed };

// A connection only ever moves forward.
constexpr bool CanMove(ConnectionState from, ConnectionState to) {
  return static_cast<uint8_t>(to) > static_cast<uint8_t>(from) &&
         (to != ConnectionState::kClosed || from == ConnectionState::kClosing);
}

// One accepted socket: 192 bytes (200 on Windows), one for each of very many.
struct Connection {
  Socket socket;
  Listener* listener = nullptr;
  std::unique_ptr<WriteQueue> queue;   // only while the kernel does not take all
  std::unique_ptr<Evidence> evidence;  // only from the end until it is reported
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;  // taken by the kernel
  WheelNode look;              // the next look at the liveness clock
  WheelNode deadline;          // the earliest deadline of the listener's rules, or an earlier time
  Activity activity;
  uint64_t opened_ms = 0;  // both by the loop's clock
  // Lower bound: a look stores it. Not a receive, for what is read may have come long before.
  uint64_t last_heard_ms = 0;
  uint32_t detection_ms = 0;  // 0: keepalive is off, the peer may be silent for ever
  int32_t error = 0;          // a failed send; unread bytes are delivered before the end
  Address peer;
  uint16_t rule = kNoRule;  // of its listener's admission
  ConnectionState state = ConnectionState::kOpen;
  DisconnectReason reason = DisconnectReason::kNone;
  bool peer_ended : 1 = false;  // FIN received
  bool fin_sent : 1 = false;
  bool fin_failed : 1 = false;  // the kernel had given up before
  bool paused : 1 = false;      // by the host
  bool throttled : 1 = false;   // by the listener's intake: either stops the reading
  uint8_t unanswered : 2 = 0;   // questions, as the last look found them; see net/liveness.h
  bool decided_by_clock : 1 = false;
  bool referenced : 1 = false;  // keeps the process alive
  bool end_due : 1 = false;     // reports that found no room in the batch
  bool drain_due : 1 = false;
  bool beat_due : 1 = false;
  bool ending_due : 1 = false;
  bool report_due : 1 = false;  // stands in the reactor's list of those
  bool unopened : 1 = false;    // came from a proxy, and its client was not let in yet

  bool IsClosing() const { return state >= ConnectionState::kClosing; }
  bool IsAwaitingHeader() const { return unopened && !IsClosing(); }
};
static_assert(sizeof(void*) != 8 ||
              sizeof(Connection) <= (sizeof(platform::SocketHandle) == 4 ? 192 : 200));

}  // namespace holdfast
