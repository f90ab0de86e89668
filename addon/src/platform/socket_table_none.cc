#ifndef __linux__

#include <errno.h>

#include "platform/socket_table.h"

namespace holdfast::platform {

int ReadSocketTable(const SocketTableQuery&, const std::function<void(const SocketTableRow&)>&) {
  return ENOSYS;
}

bool ReadSocketCookie(SocketHandle, uint64_t*) {
  return false;
}

}  // namespace holdfast::platform

#endif
