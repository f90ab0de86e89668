#pragma once

#include <cstdint>
#include <deque>

#include "platform/keepalive.h"
#include "platform/tcp_info.h"
#include "simulation/random.h"

namespace holdfast::simulation {

inline constexpr uint64_t kNever = UINT64_MAX;

// What lies between the kernel of the server and that of a peer.
struct Path {
  uint32_t round_trip_ms = 0;
  uint32_t window_bytes = 0;  // that the peer's kernel holds for its program
  uint32_t losses = 0;        // per mille of the segments; never two before all is acknowledged
};

// How the server's kernel brings bytes to one peer and asks whether it is still there, as Linux
// does (tcp_output.c, tcp_timer.c), without congestion: retransmissions, probes of a closed window,
// and keepalive. A sequence number counts bytes from 0, and FIN as one.
class Tcp {
 public:
  void Establish(const Path& path, uint64_t now_ms);
  void Use(const platform::Keepalive& keepalive, uint64_t now_ms);

  // All up to `sequence` is to reach the peer.
  void Send(uint64_t sequence, uint64_t now_ms, Random& random);
  // The peer's program has read so many bytes in all: its window moves.
  void PeerHasRead(uint64_t bytes, uint64_t now_ms, Random& random);
  void OpenWindow(uint64_t now_ms, Random& random);
  // A segment of the peer's own.
  void Hear(uint64_t now_ms);
  // What is due by then happens. An errno: the kernel gives up.
  int Advance(uint64_t now_ms, Random& random);

  // Nothing reaches the peer from now on, or until then, and nothing comes from it.
  void Vanish() { vanished_ = true; }
  void CutUntil(uint64_t at_ms) { cut_until_ms_ = at_ms; }
  bool IsCut(uint64_t now_ms) const { return vanished_ || now_ms < cut_until_ms_; }

  void Tell(uint64_t now_ms, platform::TcpInfo* out) const;
  bool vanished() const { return vanished_; }
  // It has answered whatever reached it, and each question that was lost was followed by one that
  // was not.
  bool was_always_there() const { return !vanished_ && cut_until_ms_ == 0; }
  // It was heard after a time of which nothing came through.
  bool came_back() const { return cut_until_ms_ != 0 && heard_ms_ > cut_until_ms_; }
  // A segment was lost, and the next told what it would have told.
  bool made_good() const { return losses_ > 0 && !has_lost_; }
  bool outstanding() const { return sequence_ > acked_; }
  bool window_closed() const { return sequence_ > acked_ && acked_ == sent_; }
  uint64_t acked() const { return acked_; }
  uint64_t reached() const { return reached_; }
  uint64_t heard_ms() const { return heard_ms_; }
  uint64_t outstanding_since_ms() const { return outstanding_since_ms_; }
  // Since when two questions have had no answer; 0: fewer have none.
  uint64_t asked_twice_ms() const { return asked_twice_ms_; }
  uint32_t round_trip_ms() const { return path_.round_trip_ms; }
  const platform::Keepalive& keepalive() const { return keepalive_; }

 private:
  struct Answer {
    uint64_t at_ms;
    uint64_t acks;
  };

  bool Reaches(uint64_t now_ms, Random& random);
  void Transmit(uint64_t now_ms, Random& random);
  void Push(uint64_t now_ms, Random& random);
  void TakeAnswer(const Answer& answer, Random& random);
  int AskAgain(uint64_t now_ms, Random& random);
  int KeepAlive(uint64_t now_ms, Random& random);
  void CountQuestions(uint64_t now_ms);
  uint64_t window_end() const { return read_ + path_.window_bytes; }
  uint32_t first_interval_ms() const;
  uint32_t longest_interval_ms() const;

  Path path_;
  platform::Keepalive keepalive_;
  uint64_t sequence_ = 0;  // to be sent in all
  uint64_t sent_ = 0;      // of it, at least once
  uint64_t reached_ = 0;   // without a gap
  uint64_t acked_ = 0;
  uint64_t read_ = 0;  // by the peer's program
  std::deque<Answer> answers_;
  uint64_t ask_again_ms_ = kNever;  // retransmission, or probe of a closed window
  uint64_t keepalive_ms_ = kNever;
  uint32_t interval_ms_ = 0;
  uint32_t retransmits_ = 0;
  uint32_t probes_ = 0;
  uint64_t heard_ms_ = 0;
  uint64_t outstanding_since_ms_ = 0;
  uint64_t asked_twice_ms_ = 0;
  uint64_t cut_until_ms_ = 0;
  uint32_t losses_ = 0;
  bool vanished_ = false;
  bool has_lost_ = false;
  bool probes_window_ = false;
};

}  // namespace holdfast::simulation
