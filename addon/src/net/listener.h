#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "base/reason.h"
#include "io/io.h"
#include "net/admission.h"
#include "net/deadlines.h"
#include "net/intake.h"
#include "net/prefix_table.h"
#include "platform/keepalive.h"
#include "queues/block.h"

namespace holdfast {

// What becomes of an arrival that a limit refuses.
enum class Consequence : uint8_t {
  kSuspend,  // it waits in the kernel's queue until the limit allows it
  kReset,    // RST
  kMessage,  // a last message, then FIN
};

// Whose word on the address of a client is taken.
struct ProxyOptions {
  std::vector<Prefix> from = {};  // none: every peer is a client itself
  uint32_t header_ms = 0;         // from the accept until the header is complete
  bool deny_others = false;       // those outside of `from` are refused, and no clients themselves
};

struct ListenerOptions {
  platform::BindOptions bind;
  int backlog = 511;
  bool no_delay = true;
  platform::Keepalive keepalive;
  uint32_t detection_ms = 0;
  bool inherit = true;               // false: set the options on each accepted socket
  uint32_t low_watermark_bytes = 0;  // of a write queue: at or below it, `drain`
  uint64_t queue_memory_bytes = 0;   // most that all write queues hold; 0: no limit
  uint32_t accept_budget = 0;        // connections taken in one turn; the rest wait for the next
  uint32_t read_chunk_bytes = 0;     // most bytes of one receive
  DeadlineOptions deadlines;
  IntakeOptions intake;
  AdmissionOptions admission;
  ProxyOptions proxy;
  // For limits on all arrivals alike; what concerns an address cannot wait, and is reset instead.
  Consequence when_full = Consequence::kSuspend;
  // For the others; not kSuspend.
  Consequence when_refused = Consequence::kReset;
  std::string refusal_message;
};

// Draining: nobody new may begin, and who is at the door already is still accepted.
enum class ListenerState : uint8_t { kListening, kDraining, kClosed };

// Why a listener accepts nothing for now; several may hold at once.
enum Suspension : uint8_t { kByHost = 1, kByLimit = 2, kBySystem = 4 };

// Whether accepted sockets have the options of their listener, as found on the first of them. Where
// none inherits, each is given them, and is verified by reading them back.
enum class Inheritance : uint8_t { kUnverified, kVerified, kAbsent };

// A bound port. It outlives its closing for as long as one of its connections is open.
struct Listener {
  ListenerId id = 0;
  ListenerOptions options;
  ListenerState state = ListenerState::kListening;
  uint8_t suspended = 0;                 // of Suspension
  std::unique_ptr<Admission> admission;  // null: everybody may come
  std::unique_ptr<PrefixTable> proxies;  // null: none
  uint32_t headers_awaited = 0;          // accepted, and its PROXY header is not complete
  uint32_t arrived = 0;                  // since it listens; counts on from 0 after 2^32 - 1
  // Refused since the last report, by cause, and the errno of the last.
  std::array<uint32_t, kRefusalCount> refused = {};
  std::array<int, kRefusalCount> refused_error = {};
  Inheritance inheritance = Inheritance::kUnverified;
  platform::Unsupported unsupported;
  int configure_error = 0;       // the last failure to set an accepted socket
  platform::Keepalive in_force;  // as read back from the kernel
  platform::SocketHandle fd = platform::kNoSocket;
  Address address;
  uint32_t connections = 0;
  QueueMemory queue_memory;
  uint32_t accepted_this_turn = 0;
  bool referenced = true;
  // While draining: until when handshakes under way may complete, told from the next poll on.
  uint32_t grace_ms = 0;
  std::optional<uint64_t> grace_over_ms;
  bool last_call = false;  // the grace is over: nobody is left waiting for room any more
  bool starts_handshakes = true;
  bool drained_due = false;  // closed after draining, and not told yet

  // Of all that arrived, those whose fate is told, or stands in the batch.
  uint32_t ArrivedTold() const {
    return arrived - headers_awaited - std::accumulate(refused.begin(), refused.end(), 0u);
  }

  bool SetsPerSocket() const {
    return !platform::kInheritsOptions || !options.inherit || inheritance == Inheritance::kAbsent;
  }
};

}  // namespace holdfast
