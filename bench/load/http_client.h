// One keep-alive connection of HTTP/1.1: a GET at a time, of a path that no other request has,
// whose answer must be that path.
#ifndef HOLDFAST_BENCH_LOAD_HTTP_CLIENT_H
#define HOLDFAST_BENCH_LOAD_HTTP_CLIENT_H

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

class HttpClient {
 public:
  HttpClient(int fd, uint32_t number) : fd_(fd), number_(number) {}

  // Sends the next request; the one before must have been answered.
  void Ask(uint64_t now_ns);
  // One recv. True when the answer is complete; ends the process on a wrong byte.
  bool Receive();
  void Close();

  bool IsAnswered() const { return path_.empty(); }
  uint64_t asked_at_ns() const { return asked_at_ns_; }
  int fd() const { return fd_; }
  // Of the paths asked for, and of the bodies that came back.
  uint64_t sent_bytes() const { return sent_bytes_; }
  uint64_t received_bytes() const { return received_bytes_; }
  uint64_t sent_checksum() const { return sent_checksum_; }
  uint64_t received_checksum() const { return received_checksum_; }

 private:
  [[noreturn]] void Refuse(const std::string& what) const;
  std::string_view CheckedHead(std::string_view head) const;

  int fd_;
  uint32_t number_;
  uint32_t asked_ = 0;
  std::string path_;  // asked for and not answered yet
  std::string answer_;
  uint64_t asked_at_ns_ = 0;
  uint64_t sent_bytes_ = 0;
  uint64_t received_bytes_ = 0;
  uint64_t sent_checksum_ = 0;
  uint64_t received_checksum_ = 0;
};

}  // namespace bench

#endif
