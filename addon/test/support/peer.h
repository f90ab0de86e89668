#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "platform/address.h"

namespace holdfast::test {

// The other end of a connection: a plain non-blocking socket of this process.
class Peer {
 public:
  Peer() = default;
  // Connected when it returns: the kernel answers on loopback, whether or not anybody accepts.
  explicit Peer(const Address& server, int receive_buffer_bytes = 0);
  Peer(Peer&& other) noexcept { *this = std::move(other); }
  Peer& operator=(Peer&& other) noexcept;
  ~Peer() { Close(); }

  uint16_t port() const { return port_; }
  bool is_open() const { return fd_ >= 0; }
  bool connected() const { return connect_error_ == 0; }

  // How many bytes the kernel took.
  size_t Send(std::string_view bytes);
  // One byte of urgent data (MSG_OOB).
  void SendUrgent(char byte);
  // Whatever has come, at most `most` bytes; added to received().
  void Read(size_t most = SIZE_MAX);
  const std::string& received() const { return received_; }

  // The server's FIN was read, or the errno of a failed read or write.
  bool ended() const { return ended_; }
  int error() const { return error_; }

  void End();    // sends FIN; reading goes on
  void Reset();  // RST
  void Close();

  // Drops every segment that arrives, as if the cable were cut (socket(7), SO_ATTACH_FILTER).
  void GoDeaf();
  void HearAgain();

 private:
  int fd_ = -1;
  uint16_t port_ = 0;
  int connect_error_ = 0;
  bool ended_ = false;
  int error_ = 0;
  std::string received_;
};

// Bytes that tell where they stand in their stream, and in which.
std::string Pattern(size_t bytes, uint32_t stream = 0, size_t from = 0);

}  // namespace holdfast::test
