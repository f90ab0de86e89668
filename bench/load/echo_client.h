// One client connection: sends its stream, checks every byte that comes back.
#ifndef HOLDFAST_BENCH_LOAD_ECHO_CLIENT_H
#define HOLDFAST_BENCH_LOAD_ECHO_CLIENT_H

#include <cstdint>
#include <vector>

#include "latency.h"
#include "stream_pattern.h"

namespace bench {

class EchoClient {
 public:
  // depth 0: a flooder, which always has something to send.
  EchoClient(int fd, uint32_t number, uint32_t depth, uint32_t request_bytes);

  // Allows `depth` requests, as far as they are not outstanding already.
  void Issue() { issued_ = depth_ == 0 ? UINT64_MAX : Answered() + depth_ * request_bytes_; }
  // Nothing more is started; what has been sent is still awaited.
  void Stop() { issued_ = depth_ == 0 ? sent_ : issued_; }

  // One recv; returns how many requests it completed. Ends the process on a wrong byte.
  uint32_t Receive(const StreamPattern& pattern, uint64_t now_ns, LatencyHistogram* latency);
  // One send at most of what is allowed and not sent.
  void Send(const StreamPattern& pattern, uint64_t now_ns);
  void Close();

  bool WantsToSend() const { return issued_ > sent_; }
  bool IsFlooder() const { return depth_ == 0; }
  bool IsAnswered() const { return received_ == sent_ && (IsFlooder() || sent_ == issued_); }
  int fd() const { return fd_; }
  uint64_t sent_bytes() const { return sent_; }
  uint64_t received_bytes() const { return received_; }
  uint64_t sent_checksum() const { return sent_checksum_; }
  uint64_t received_checksum() const { return received_checksum_; }

 private:
  uint64_t Answered() const { return received_ - received_ % request_bytes_; }

  int fd_;
  uint32_t number_;
  uint64_t depth_;
  uint64_t request_bytes_;
  uint64_t issued_ = 0;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  uint64_t sent_checksum_ = 0;
  uint64_t received_checksum_ = 0;
  // When each outstanding request was handed to the kernel, by its number modulo depth.
  std::vector<uint64_t> sent_at_ns_;
};

}  // namespace bench

#endif
