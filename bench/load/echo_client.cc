#include "echo_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "report.h"

namespace bench {

EchoClient::EchoClient(int fd, uint32_t number, uint32_t depth, uint32_t request_bytes)
    : fd_(fd), number_(number), depth_(depth), request_bytes_(request_bytes), sent_at_ns_(depth) {}

uint32_t EchoClient::Receive(const StreamPattern& pattern, uint64_t now_ns,
                             LatencyHistogram* latency) {
  static uint8_t bytes[StreamPattern::kChunkBytes];
  const ssize_t length = recv(fd_, bytes, sizeof bytes, 0);
  if (length < 0 && errno == EAGAIN) return 0;
  if (length < 0) FailErrno("recv");
  if (length == 0) Fail("the server ended connection " + std::to_string(number_));
  const uint64_t end = received_ + static_cast<uint64_t>(length);
  if (end > sent_) Fail("more bytes came back than were sent");
  if (!pattern.Matches(number_, received_, bytes, static_cast<size_t>(length))) {
    Fail("wrong bytes on connection " + std::to_string(number_) + " at offset " +
         std::to_string(received_));
  }
  received_checksum_ += Checksum(received_, bytes, static_cast<size_t>(length));
  const uint64_t first = received_ / request_bytes_;
  const uint64_t last = end / request_bytes_;
  received_ = end;
  if (latency != nullptr && depth_ != 0) {
    for (uint64_t i = first; i < last; i++) latency->Record(now_ns - sent_at_ns_[i % depth_]);
  }
  return static_cast<uint32_t>(last - first);
}

void EchoClient::Send(const StreamPattern& pattern, uint64_t now_ns) {
  const uint64_t most = depth_ == 0 ? request_bytes_ : StreamPattern::kChunkBytes;
  const size_t length = static_cast<size_t>(std::min(issued_ - sent_, most));
  const uint8_t* bytes = pattern.At(number_, sent_);
  const ssize_t taken = send(fd_, bytes, length, MSG_NOSIGNAL);
  if (taken < 0 && errno == EAGAIN) return;
  if (taken < 0) FailErrno("send");
  sent_checksum_ += Checksum(sent_, bytes, static_cast<size_t>(taken));
  const uint64_t end = sent_ + static_cast<uint64_t>(taken);
  if (depth_ != 0) {
    // A request counts from the send that took its first byte.
    const uint64_t first = (sent_ + request_bytes_ - 1) / request_bytes_;
    const uint64_t last = (end + request_bytes_ - 1) / request_bytes_;
    for (uint64_t i = first; i < last; i++) sent_at_ns_[i % depth_] = now_ns;
  }
  sent_ = end;
}

void EchoClient::Close() {
  close(fd_);
}

}  // namespace bench
