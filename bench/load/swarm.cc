#include "swarm.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "control.h"
#include "dialer.h"
#include "report.h"

namespace bench {
namespace {

constexpr size_t kChunkBytes = 65536;
uint8_t chunk[kChunkBytes];

// The server may end any of them at any moment.
bool IsEnd(int error) {
  return error == ECONNRESET || error == EPIPE;
}

}  // namespace

Swarm::Swarm(const Options& options, uint32_t events)
    : options_(options),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      watched_(events | EPOLLRDHUP),
      fds_(DialAll(options, options.connections)),
      dialled_(fds_.size()) {
  if (epoll_ < 0) FailErrno("epoll_create1");
  for (uint32_t index = 0; index < fds_.size(); index++) Watch(index);
  SayHeld(fds_.size());
}

int Swarm::Wait(int timeout_ms) {
  const int count = epoll_wait(epoll_, events_, kEventsPerTurn, timeout_ms);
  if (count < 0 && errno != EINTR) FailErrno("epoll_wait");
  return count;
}

void Swarm::Watch(uint32_t index) {
  epoll_event event{};
  event.events = watched_;
  event.data.u32 = index;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fds_[index], &event) != 0) FailErrno("epoll_ctl");
}

void Swarm::Redial(uint32_t index) {
  close(fds_[index]);
  ended_by_server_++;
  fds_[index] = DialOne(options_, index);
  if (fcntl(fds_[index], F_SETFL, O_NONBLOCK) != 0) FailErrno("fcntl");
  dialled_++;
  Watch(index);
}

void Swarm::Send(uint32_t index, size_t bytes) {
  const ssize_t taken = send(fds_[index], chunk, bytes, MSG_NOSIGNAL);
  if (taken >= 0) {
    sent_ += static_cast<uint64_t>(taken);
  } else if (errno != EAGAIN && !IsEnd(errno)) {
    FailErrno("send");
  }
}

void Swarm::Receive(uint32_t index) {
  const ssize_t length = recv(fds_[index], chunk, sizeof chunk, 0);
  if (length >= 0) {
    received_ += static_cast<uint64_t>(length);
  } else if (errno != EAGAIN && !IsEnd(errno)) {
    FailErrno("recv");
  }
}

bool Swarm::IsToldToStop() const {
  const auto command = PollCommand();
  if (!command) return false;
  if (*command != "close" && !command->empty()) Fail("unknown command " + *command);
  return true;
}

void Swarm::Finish() {
  for (const int fd : fds_) close(fd);
  JsonLine("closed")
      .Add("dialled", dialled_)
      .Add("endedByServer", ended_by_server_)
      .Add("sentBytes", sent_)
      .Add("receivedBytes", received_)
      .Print();
}

}  // namespace bench
