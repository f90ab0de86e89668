#ifndef __linux__

#include "platform/tcp_info.h"

namespace holdfast::platform {

bool ReadTcpInfo(SocketHandle, TcpInfo*) {
  return false;
}

}  // namespace holdfast::platform

#endif
