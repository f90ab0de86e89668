// A client that is gone, as far as its server can tell.
#ifndef HOLDFAST_BENCH_LOAD_DEAFEN_H
#define HOLDFAST_BENCH_LOAD_DEAFEN_H

#include <linux/filter.h>
#include <sys/socket.h>

#include "report.h"

namespace bench {

// The socket hears nothing from now on: one instruction of classic BPF that keeps 0 bytes
// (socket(7), SO_ATTACH_FILTER). Its kernel neither acknowledges, nor answers a probe, nor resets.
inline void Deafen(int fd) {
  sock_filter drop_all[] = {{BPF_RET | BPF_K, 0, 0, 0}};
  const sock_fprog program{1, drop_all};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
    FailErrno("SO_ATTACH_FILTER");
  }
}

}  // namespace bench

#endif
