#ifdef __linux__

#include "platform/socket_table.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>
#include <iterator>
#include <memory>

#include "platform/tcp_info_linux.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57  // asm-generic/socket.h since 4.12
#endif

namespace holdfast::platform {

namespace {

// What the kernel puts into one answer at most (net/netlink/af_netlink.c).
constexpr size_t kAnswerBytes = 32 * 1024;

// Each answer is made while recv() is in the kernel, so none is ever waited for: this only bounds a
// kernel that breaks its word.
constexpr timeval kAnswerTimeout = {2, 0};

// linux/tcp_states.h: all but handshakes that are not done (3, for which the kernel also tells
// those that have no socket yet, 12), time-wait (6) and listen (10). A flood of SYNs is not a
// connection.
constexpr uint32_t kStates = 0xfff & ~(1u << 3) & ~(1u << 6) & ~(1u << 10);

class Netlink {
 public:
  Netlink() : fd_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {
    if (fd_ < 0) return;
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kAnswerTimeout, sizeof(kAnswerTimeout));
  }
  ~Netlink() {
    if (fd_ >= 0) close(fd_);
  }
  Netlink(const Netlink&) = delete;
  Netlink& operator=(const Netlink&) = delete;

  int fd() const { return fd_; }

 private:
  const int fd_;
};

int Ask(int fd, const SocketTableQuery& query) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 body;
  } request = {};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = query.family == 4 ? AF_INET : AF_INET6;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_ext = 1 << (INET_DIAG_INFO - 1);
  request.body.idiag_states = kStates;
  request.body.id.idiag_sport = htons(query.local_port);
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  const ssize_t sent = sendto(fd, &request, sizeof(request), 0,
                              reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel));
  return sent == sizeof(request) ? 0 : errno;
}

Address ToAddress(const inet_diag_msg& message, const __be32 (&bytes)[4], __be16 port) {
  Address address;
  address.family = message.idiag_family == AF_INET ? 4 : 6;
  address.port = ntohs(port);
  std::memcpy(address.bytes, bytes, address.family == 4 ? 4 : 16);
  return address;
}

SocketTableRow ToRow(const nlmsghdr* header) {
  const auto* message = static_cast<const inet_diag_msg*>(NLMSG_DATA(header));
  SocketTableRow row;
  row.cookie = uint64_t{message->id.idiag_cookie[1]} << 32 | message->id.idiag_cookie[0];
  row.local = ToAddress(*message, message->id.idiag_src, message->id.idiag_sport);
  row.remote = ToAddress(*message, message->id.idiag_dst, message->id.idiag_dport);
  row.state = message->idiag_state;
  // A number that is not known here is told as none.
  if (message->idiag_timer < std::size(kSocketTimerNames)) {
    row.timer = static_cast<SocketTimer>(message->idiag_timer);
  }
  row.timer_unanswered = message->idiag_retrans;
  row.timer_expires_ms = row.timer == SocketTimer::kNone ? 0 : message->idiag_expires;
  row.receive_queue_bytes = message->idiag_rqueue;
  row.send_queue_bytes = message->idiag_wqueue;
  row.uid = message->idiag_uid;
  row.inode = message->idiag_inode;
  auto left = static_cast<uint32_t>(header->nlmsg_len - NLMSG_LENGTH(sizeof(*message)));
  const auto* attribute = reinterpret_cast<const rtattr*>(message + 1);
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type != INET_DIAG_INFO) continue;
    row.has_tcp_info = true;
    CopyTcpInfo({static_cast<const std::byte*>(RTA_DATA(attribute)), RTA_PAYLOAD(attribute)},
                &row.tcp);
  }
  return row;
}

// The errno that ends a dump early, as it stands in an error message or in the final one; 0 where
// there is none.
int ErrorOf(const nlmsghdr* header) {
  int error = 0;
  if (header->nlmsg_len < NLMSG_LENGTH(sizeof(error))) return 0;
  std::memcpy(&error, NLMSG_DATA(header), sizeof(error));
  return -error;
}

struct Progress {
  bool done = false;
  int error = 0;
};

Progress TakeAnswer(std::byte* answer, uint32_t length,
                    const std::function<void(const SocketTableRow&)>& visit) {
  auto* header = reinterpret_cast<const nlmsghdr*>(answer);
  for (; NLMSG_OK(header, length); header = NLMSG_NEXT(header, length)) {
    if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
      return {true, ErrorOf(header)};
    }
    if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) continue;
    if (header->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return {true, EPROTO};
    visit(ToRow(header));
  }
  return {};
}

}  // namespace

int ReadSocketTable(const SocketTableQuery& query,
                    const std::function<void(const SocketTableRow&)>& visit) {
  const Netlink netlink;
  if (netlink.fd() < 0) return errno;
  if (const int error = Ask(netlink.fd(), query)) return error;
  const auto answer = std::make_unique<std::byte[]>(kAnswerBytes);
  for (;;) {
    const ssize_t length = recv(netlink.fd(), answer.get(), kAnswerBytes, MSG_TRUNC);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return errno == EAGAIN ? ETIMEDOUT : errno;
    if (static_cast<size_t>(length) > kAnswerBytes) return EMSGSIZE;
    const Progress progress = TakeAnswer(answer.get(), static_cast<uint32_t>(length), visit);
    if (progress.done) return progress.error;
  }
}

bool ReadSocketCookie(SocketHandle socket, uint64_t* cookie) {
  socklen_t length = sizeof(*cookie);
  return getsockopt(socket, SOL_SOCKET, SO_COOKIE, cookie, &length) == 0;
}

}  // namespace holdfast::platform

#endif
