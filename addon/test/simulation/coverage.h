#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast::simulation {

// What a call of the Io or of the system has answered, and what became of peers: what a run of many
// seeds must have seen, or it proves less than it says.
enum class Seen : uint8_t {
  kBound,
  kBindFails,
  kPolicySet,
  kPolicyFails,
  kListens,
  kListenFails,
  kListenerCloses,
  kListenerClosesOnArrivals,
  kListenerDrained,
  kClosedWhileDraining,
  kHandshakesStop,
  kHandshakesGoOn,
  kListenerSuspends,
  kListenerResumes,
  kAccepts,
  kAcceptFindsNobody,
  kAcceptAborted,
  kAcceptNoDescriptor,
  kAcceptNoMemory,
  kReserveOpens,
  kReserveFails,
  kSheds,
  kShedFindsNobody,
  kShedFails,
  kAttaches,
  kAttachFails,
  kReceives,
  kReceivesPart,
  kReceiveFindsBatchFull,
  kReceivesEnd,
  kReceiveFails,
  kSends,
  kSendsPart,
  kSendsNothing,
  kSendNoBuffers,
  kSendFails,
  kLends,
  kLentSent,
  kLentFails,
  kShutsDown,
  kShutdownFails,
  kPauses,
  kResumes,
  kResumeFails,
  kCloses,
  kCloseResets,
  kCloseAnswersLater,
  kErrorTaken,
  kErrorNone,
  kReadErrorTaken,
  kReadErrorNone,
  kTcpInfoTold,
  kTcpInfoNone,
  kClogs,
  kReleased,
  kReleasedOutOfOrder,
  kVanishedInFlight,
  kVanishedWindowClosed,
  kVanishedIdle,
  kVanishedUnreachable,
  kCutAndBack,
  kSlowSpared,
  kLossSpared,
  kCount,
};

struct SeenName {
  const char* call;
  const char* outcome;
};
inline constexpr SeenName kSeenNames[] = {
    {"bind", "done"},
    {"bind", "fails"},
    {"set keepalive", "done"},
    {"set keepalive", "fails"},
    {"listen", "done"},
    {"listen", "fails"},
    {"close listener", "nobody waits"},
    {"close listener", "arrivals wait"},
    {"close listener", "drained"},
    {"close listener", "by the host, while it drains"},
    {"stop handshakes", "done"},
    {"stop handshakes", "fails"},
    {"suspend listener", "done"},
    {"resume listener", "done"},
    {"accept", "one"},
    {"accept", "nobody waits"},
    {"accept", "one that is gone"},
    {"accept", "no descriptor"},
    {"accept", "no memory"},
    {"open reserve", "done"},
    {"open reserve", "fails"},
    {"shed", "one"},
    {"shed", "nobody waits"},
    {"shed", "fails"},
    {"attach", "done"},
    {"attach", "fails"},
    {"receive", "all there is"},
    {"receive", "a part"},
    {"receive", "no room in the batch"},
    {"receive", "end"},
    {"receive", "fails"},
    {"send", "all"},
    {"send", "a part"},
    {"send", "nothing"},
    {"send", "no buffers"},
    {"send", "fails"},
    {"await writable", "lends"},
    {"await writable", "what was lent is sent"},
    {"await writable", "what was lent fails"},
    {"shutdown", "done"},
    {"shutdown", "fails"},
    {"pause", "done"},
    {"resume", "done"},
    {"resume", "fails"},
    {"close", "in order"},
    {"close", "by reset"},
    {"close", "answers later"},
    {"take error", "one"},
    {"take error", "none"},
    {"take read error", "one"},
    {"take read error", "none"},
    {"tcp_info", "told"},
    {"tcp_info", "none"},
    {"peer", "clogs"},
    {"peer", "released"},
    {"peer", "released before one that clogged earlier"},
    {"peer", "vanished, data in flight: ended by the clock"},
    {"peer", "vanished, window closed: ended by the clock"},
    {"peer", "vanished, nothing outstanding: ended by the kernel"},
    {"peer", "vanished, unreachable: ended by the clock"},
    {"peer", "cut off and back: open"},
    {"peer", "slow, window closed for longer than the bound: open"},
    {"peer", "lost single segments: open"},
};
inline constexpr size_t kSeenCount = static_cast<size_t>(Seen::kCount);
static_assert(sizeof(kSeenNames) / sizeof(kSeenNames[0]) == kSeenCount);

class Coverage {
 public:
  void Note(Seen seen) { ++counts_[static_cast<size_t>(seen)]; }
  uint64_t operator[](size_t at) const { return counts_[at]; }

 private:
  std::array<uint64_t, kSeenCount> counts_ = {};
};

}  // namespace holdfast::simulation
