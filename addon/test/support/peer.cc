#include "support/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace holdfast::test {

Peer::Peer(const Address& server, int receive_buffer_bytes) {
  fd_ = socket(server.family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer_bytes > 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
  }
  sockaddr_storage address;
  const uint32_t length = ToSockaddr(server, &address);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    connect_error_ = errno;
    Close();
    return;
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd_, F_SETFL, O_NONBLOCK);
  socklen_t own_length = sizeof(address);
  getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &own_length);
  port_ = FromSockaddr(reinterpret_cast<const sockaddr*>(&address)).port;
}

Peer& Peer::operator=(Peer&& other) noexcept {
  if (this == &other) return *this;
  Close();
  fd_ = std::exchange(other.fd_, -1);
  port_ = other.port_;
  connect_error_ = other.connect_error_;
  ended_ = other.ended_;
  error_ = other.error_;
  received_ = std::move(other.received_);
  return *this;
}

size_t Peer::Send(std::string_view bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t now = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now < 0) {
      if (errno != EAGAIN) error_ = errno;
      break;
    }
    sent += static_cast<size_t>(now);
  }
  return sent;
}

void Peer::SendUrgent(char byte) {
  send(fd_, &byte, 1, MSG_OOB | MSG_NOSIGNAL);
}

void Peer::Read(size_t most) {
  char buffer[65536];
  while (fd_ >= 0 && !ended_ && error_ == 0 && most > 0) {
    const ssize_t now = recv(fd_, buffer, std::min(sizeof(buffer), most), 0);
    if (now > 0) {
      received_.append(buffer, static_cast<size_t>(now));
      most -= static_cast<size_t>(now);
    } else if (now == 0) {
      ended_ = true;
    } else if (errno == EAGAIN) {
      return;
    } else {
      error_ = errno;
    }
  }
}

void Peer::End() {
  shutdown(fd_, SHUT_WR);
}

void Peer::Reset() {
  const linger now = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  Close();
}

void Peer::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void Peer::GoDeaf() {
  sock_filter drop_all[] = {{BPF_RET | BPF_K, 0, 0, 0}};
  sock_fprog program = {1, drop_all};
  setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void Peer::HearAgain() {
  int ignored = 0;
  setsockopt(fd_, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof(ignored));
}

std::string Pattern(size_t bytes, uint32_t stream, size_t from) {
  std::string pattern(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) {
    const size_t at = from + i;
    pattern[i] = static_cast<char>((at * 7 + (at >> 8) * 13 + stream * 101) & 0xff);
  }
  return pattern;
}

}  // namespace holdfast::test
