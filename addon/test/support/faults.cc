#include "support/faults.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace holdfast::test {

namespace {

struct Planned {
  int error = 0;
  int times = 0;
};

Planned planned[kCalls];

bool Fails(Call call) {
  Planned& plan = planned[static_cast<int>(call)];
  if (plan.times == 0) return false;
  --plan.times;
  errno = plan.error;
  return true;
}

}  // namespace

Fault::Fault(Call call, int error, int times) : call_(call) {
  planned[static_cast<int>(call)] = {error, times};
}

Fault::~Fault() {
  planned[static_cast<int>(call_)] = {};
}

}  // namespace holdfast::test

using holdfast::test::Call;
using holdfast::test::Fails;

extern "C" {

int __real_accept4(int, sockaddr*, socklen_t*, int);
int __real_epoll_ctl(int, int, int, epoll_event*);
ssize_t __real_recv(int, void*, size_t, int);
ssize_t __real_send(int, const void*, size_t, int);

int __wrap_accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  return Fails(Call::kAccept) ? -1 : __real_accept4(fd, address, length, flags);
}

int __wrap_epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  if (operation == EPOLL_CTL_ADD && Fails(Call::kWatch)) return -1;
  if (operation == EPOLL_CTL_MOD && Fails(Call::kRewatch)) return -1;
  return __real_epoll_ctl(epoll, operation, fd, event);
}

ssize_t __wrap_recv(int fd, void* into, size_t bytes, int flags) {
  return Fails(Call::kReceive) ? -1 : __real_recv(fd, into, bytes, flags);
}

ssize_t __wrap_send(int fd, const void* from, size_t bytes, int flags) {
  return Fails(Call::kSend) ? -1 : __real_send(fd, from, bytes, flags);
}

}  // extern "C"
