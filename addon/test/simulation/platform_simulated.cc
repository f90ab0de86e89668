// The functions of platform/ that touch sockets, for the simulation: linked in place of those of an
// operating system. Nothing below reaches a real descriptor.

#include <errno.h>

#include "base/check.h"
#include "platform/keepalive.h"
#include "platform/socket.h"
#include "platform/socket_table.h"
#include "platform/tcp_info.h"
#include "simulation/network.h"

namespace holdfast::platform {

using simulation::Pipe;
using simulation::the_network;

Outcome OpenBound(const BindOptions&, SocketHandle* out) {
  *out = the_network->NewHandle();
  return {};
}

// SimulatedIo works on the network itself, and the other two are never started.
Outcome StartListening(SocketHandle, int) {
  HF_CHECK(false);
  return {};
}
bool StopHandshakes(SocketHandle) {
  the_network->listens = !the_network->can_stop_handshakes;
  return the_network->can_stop_handshakes;
}
bool HasArrival(SocketHandle) {
  HF_CHECK(false);
  return false;
}
SocketHandle Accept(SocketHandle, Address*, int*) {
  HF_CHECK(false);
  return kNoSocket;
}
ssize_t Receive(SocketHandle, std::span<std::byte>) {
  HF_CHECK(false);
  return 0;
}
ssize_t Send(SocketHandle, std::span<const Bytes>) {
  HF_CHECK(false);
  return 0;
}
int ShutdownWrite(SocketHandle) {
  HF_CHECK(false);
  return 0;
}

SocketHandle OpenReserve() {
  ++the_network->reserves_open;
  return the_network->NewHandle();
}

bool AcceptAndReset(SocketHandle, SocketHandle* reserve, int* error) {
  const bool without = the_network->without_descriptors;
  the_network->without_descriptors = false;
  Pipe* pipe = the_network->Accept(error);
  the_network->without_descriptors = without;
  if (pipe != nullptr) {
    ++the_network->shed;
    the_network->Close(pipe->handle);
  }
  *reserve = the_network->NewHandle();
  return pipe != nullptr;
}

void SendLast(SocketHandle, Bytes) {}
void SetNoDelay(SocketHandle) {}

void ResetOnClose(SocketHandle socket) {
  if (Pipe* pipe = the_network->Find(socket)) pipe->reset_on_close = true;
}

// Of the reactor's own: the reserve, and arrivals never.
void Close(SocketHandle) {
  --the_network->reserves_open;
}

int TakeError(SocketHandle socket) {
  Pipe* pipe = the_network->Find(socket);
  if (pipe == nullptr) return EBADF;
  const int error = pipe->error;
  pipe->error = 0;
  return error;
}

int TakeReadError(SocketHandle socket) {
  Pipe* pipe = the_network->Find(socket);
  return pipe == nullptr || pipe->unread() > 0 ? 0 : TakeError(socket);
}

Address LocalAddress(SocketHandle) {
  return {};
}
Address PeerAddress(SocketHandle socket) {
  Pipe* pipe = the_network->Find(socket);
  return pipe == nullptr ? Address{} : pipe->peer;
}
int64_t UnreadBytes(SocketHandle socket) {
  Pipe* pipe = the_network->Find(socket);
  return pipe == nullptr ? -1 : static_cast<int64_t>(pipe->unread());
}

int ApplyKeepalive(SocketHandle, const Keepalive&, Unsupported*) {
  return 0;
}
Keepalive ReadKeepalive(SocketHandle, const Keepalive& applied) {
  return applied;
}
bool HasLivenessClock() {
  return true;
}

bool ReadTcpInfo(SocketHandle socket, TcpInfo* out) {
  Pipe* pipe = the_network->Find(socket);
  if (pipe == nullptr) return false;
  *out = {};
  out->state = pipe->dead ? TcpInfo::kStateClosed : 1;
  out->bytes_received = pipe->arrived;
  return true;
}

int ReadSocketTable(const SocketTableQuery&, const std::function<void(const SocketTableRow&)>&) {
  return ENOSYS;
}
bool ReadSocketCookie(SocketHandle, uint64_t*) {
  return false;
}

}  // namespace holdfast::platform
