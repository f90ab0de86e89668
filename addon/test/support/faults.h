#pragma once

#include <climits>

namespace holdfast::test {

// System calls of the reactor that can be made to fail. The linker sends them here (--wrap), those
// of libuv and of the tests' own sockets go their usual way.
// kWatch: epoll_ctl(2) of a new descriptor; kRewatch: of one that is watched already.
enum class Call { kAccept, kWatch, kRewatch, kReceive, kSend };
inline constexpr int kCalls = 5;

// While it lives, the next `times` such calls fail with `error`.
class Fault {
 public:
  Fault(Call call, int error, int times = INT_MAX);
  ~Fault();
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

 private:
  const Call call_;
};

}  // namespace holdfast::test
