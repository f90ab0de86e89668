#include "simulation/tcp.h"

#include <errno.h>

#include <algorithm>

namespace holdfast::simulation {

namespace {
constexpr uint32_t kRtoMinMs = 200;      // TCP_RTO_MIN
constexpr uint32_t kRtoMaxMs = 120'000;  // TCP_RTO_MAX
constexpr uint32_t kQuestionsMost = 15;  // net.ipv4.tcp_retries2
constexpr uint32_t kSegmentBytes = 1460;
}  // namespace

uint32_t Tcp::longest_interval_ms() const {
  return keepalive_.rto_max_ms != 0 ? keepalive_.rto_max_ms : kRtoMaxMs;
}

uint32_t Tcp::first_interval_ms() const {
  return std::min(std::max(kRtoMinMs, 2 * path_.round_trip_ms), longest_interval_ms());
}

void Tcp::Establish(const Path& path, uint64_t now_ms) {
  path_ = path;
  heard_ms_ = now_ms;
}

void Tcp::Use(const platform::Keepalive& keepalive, uint64_t now_ms) {
  keepalive_ = keepalive;
  keepalive_ms_ = keepalive.enabled ? now_ms + keepalive.idle_ms : kNever;
}

void Tcp::Send(uint64_t sequence, uint64_t now_ms, Random& random) {
  if (!outstanding() && sequence > acked_) outstanding_since_ms_ = now_ms;
  sequence_ = sequence;
  Push(now_ms, random);
}

void Tcp::PeerHasRead(uint64_t bytes, uint64_t now_ms, Random& random) {
  read_ = bytes;
  Hear(now_ms);
  Push(now_ms, random);
}

void Tcp::OpenWindow(uint64_t now_ms, Random& random) {
  path_.window_bytes = 1 << 30;
  if (IsCut(now_ms)) return;
  Hear(now_ms);
  Push(now_ms, random);
}

void Tcp::Hear(uint64_t now_ms) {
  heard_ms_ = now_ms;
  probes_ = 0;
  CountQuestions(now_ms);
}

bool Tcp::Reaches(uint64_t now_ms, Random& random) {
  if (IsCut(now_ms)) return false;
  if (has_lost_ || !random.Chance(path_.losses)) return true;
  has_lost_ = true;
  ++losses_;
  return false;
}

// From what is not acknowledged on; an answer tells up to where it has come.
void Tcp::Transmit(uint64_t now_ms, Random& random) {
  if (!Reaches(now_ms, random)) return;
  reached_ = sent_;
  answers_.push_back({now_ms + path_.round_trip_ms, reached_});
}

void Tcp::Push(uint64_t now_ms, Random& random) {
  const uint64_t end = std::min(sequence_, window_end());
  if (end > sent_) {
    const bool idle = sent_ == acked_;
    const bool whole = reached_ == sent_;
    sent_ = end;
    if (idle) {
      retransmits_ = 0;
      probes_window_ = false;
      interval_ms_ = first_interval_ms();
      ask_again_ms_ = now_ms + interval_ms_;
    }
    // Behind a gap it says no more than that the peer is there.
    if (whole) {
      Transmit(now_ms, random);
    } else if (Reaches(now_ms, random)) {
      answers_.push_back({now_ms + path_.round_trip_ms, reached_});
    }
  } else if (window_closed()) {
    if (probes_window_) return;
    probes_window_ = true;
    interval_ms_ = first_interval_ms();
    ask_again_ms_ = now_ms + interval_ms_;
  } else if (!outstanding()) {
    probes_window_ = false;
    ask_again_ms_ = kNever;
  }
}

void Tcp::CountQuestions(uint64_t now_ms) {
  if (std::max(retransmits_, probes_) < 2) {
    asked_twice_ms_ = 0;
  } else if (asked_twice_ms_ == 0) {
    asked_twice_ms_ = now_ms;
  }
}

void Tcp::TakeAnswer(const Answer& answer, Random& random) {
  if (answer.acks > acked_) {
    acked_ = answer.acks;
    retransmits_ = 0;
    interval_ms_ = first_interval_ms();
    if (acked_ < sent_) ask_again_ms_ = answer.at_ms + interval_ms_;
  }
  if (acked_ == sent_) has_lost_ = false;
  Hear(answer.at_ms);
  Push(answer.at_ms, random);
}

int Tcp::AskAgain(uint64_t now_ms, Random& random) {
  uint32_t& asked = probes_window_ ? probes_ : retransmits_;
  if (asked >= kQuestionsMost) return ETIMEDOUT;
  ++asked;
  CountQuestions(now_ms);
  interval_ms_ = std::min(interval_ms_ * 2, longest_interval_ms());
  ask_again_ms_ = now_ms + interval_ms_;
  Transmit(now_ms, random);
  return 0;
}

// As tcp_keepalive_timer: while something is outstanding nothing is asked, and it comes again after
// a whole idle time.
int Tcp::KeepAlive(uint64_t now_ms, Random& random) {
  const uint64_t silent_ms = now_ms - heard_ms_;
  if (outstanding()) {
    keepalive_ms_ = now_ms + keepalive_.idle_ms;
  } else if (silent_ms < keepalive_.idle_ms) {
    keepalive_ms_ = heard_ms_ + keepalive_.idle_ms;
  } else if (probes_ >= keepalive_.count) {
    return ETIMEDOUT;
  } else {
    ++probes_;
    CountQuestions(now_ms);
    keepalive_ms_ = now_ms + keepalive_.interval_ms;
    Transmit(now_ms, random);
  }
  return 0;
}

int Tcp::Advance(uint64_t now_ms, Random& random) {
  for (;;) {
    const uint64_t answer_ms = answers_.empty() ? kNever : answers_.front().at_ms;
    const uint64_t at_ms = std::min({answer_ms, ask_again_ms_, keepalive_ms_});
    if (at_ms > now_ms) return 0;
    int error = 0;
    if (at_ms == answer_ms) {
      const Answer answer = answers_.front();
      answers_.pop_front();
      TakeAnswer(answer, random);
    } else if (at_ms == ask_again_ms_) {
      error = AskAgain(at_ms, random);
    } else {
      error = KeepAlive(at_ms, random);
    }
    if (error != 0) return error;
  }
}

void Tcp::Tell(uint64_t now_ms, platform::TcpInfo* out) const {
  out->retransmits = static_cast<uint8_t>(retransmits_);
  out->probes = static_cast<uint8_t>(probes_);
  out->unacked_segments =
      static_cast<uint32_t>((sent_ - acked_ + kSegmentBytes - 1) / kSegmentBytes);
  out->not_sent_bytes = static_cast<uint32_t>(sequence_ - sent_);
  out->bytes_acked = acked_;
  out->rtt_us = path_.round_trip_ms * 1000;
  out->last_ack_received_ms = static_cast<uint32_t>(now_ms - heard_ms_);
  out->last_data_received_ms = out->last_ack_received_ms;
}

}  // namespace holdfast::simulation
