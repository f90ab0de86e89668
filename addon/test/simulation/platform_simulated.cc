// The functions of platform/ that touch sockets, for the simulation: linked in place of those of an
// operating system. Nothing below reaches a real descriptor.

#include <errno.h>

#include <utility>

#include "base/check.h"
#include "platform/keepalive.h"
#include "platform/socket.h"
#include "platform/socket_table.h"
#include "platform/tcp_info.h"
#include "simulation/network.h"

namespace holdfast::platform {

using simulation::Door;
using simulation::Pipe;
using simulation::Seen;
using simulation::the_network;

Outcome OpenBound(const BindOptions&, SocketHandle* out) {
  if (the_network->Fails(the_network->weather().listen_errors)) {
    the_network->Note(Seen::kBindFails);
    return {EADDRINUSE, "bind"};
  }
  the_network->Note(Seen::kBound);
  *out = the_network->Bind();
  return {};
}

// SimulatedIo works on the network itself, and the other two are never started.
Outcome StartListening(SocketHandle, int) {
  HF_CHECK(false);
  return {};
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

bool StopHandshakes(SocketHandle listener) {
  const bool stops = !the_network->Fails(the_network->weather().stop_errors);
  the_network->Note(stops ? Seen::kHandshakesStop : Seen::kHandshakesGoOn);
  the_network->FindDoor(listener)->answers = !stops;
  return stops;
}

SocketHandle OpenReserve() {
  if (the_network->Fails(the_network->weather().reserve_errors)) {
    the_network->Note(Seen::kReserveFails);
    return kNoSocket;
  }
  the_network->Note(Seen::kReserveOpens);
  ++the_network->reserves_open;
  return the_network->NewHandle();
}

bool AcceptAndReset(SocketHandle listener, SocketHandle* reserve, int* error) {
  const bool without = the_network->without_descriptors;
  // Somebody else may be quicker to take the descriptor that is given up.
  the_network->without_descriptors =
      without && the_network->Fails(the_network->weather().reserve_errors);
  --the_network->reserves_open;
  Pipe* pipe = the_network->Accept(listener, error);
  the_network->without_descriptors = without;
  the_network->Note(pipe != nullptr    ? Seen::kSheds
                    : *error == EAGAIN ? Seen::kShedFindsNobody
                                       : Seen::kShedFails);
  if (pipe != nullptr) {
    if (the_network->now_ms() < the_network->FindDoor(listener)->waits_until_ms)
      ++the_network->shed_early;
    the_network->Close(pipe->handle);
  }
  *reserve = OpenReserve();
  return pipe != nullptr;
}

void SendLast(SocketHandle, Bytes) {}
void SetNoDelay(SocketHandle, bool) {}
void ResetOnClose(SocketHandle) {}

// Of the reactor's own: a socket that could not be made a listener, and the reserve.
void Close(SocketHandle socket) {
  if (the_network->FindDoor(socket) != nullptr) return the_network->CloseDoor(socket);
  HF_CHECK(the_network->reserves_open > 0);
  --the_network->reserves_open;
}

int TakeError(SocketHandle socket) {
  Pipe* pipe = the_network->Find(socket);
  if (pipe == nullptr) return EBADF;
  int error = std::exchange(pipe->error, 0);
  if (error == 0) error = std::exchange(pipe->soft_error, 0);
  the_network->Note(error != 0 ? Seen::kErrorTaken : Seen::kErrorNone);
  return error;
}

int TakeReadError(SocketHandle socket) {
  Pipe* pipe = the_network->Find(socket);
  const int error = pipe == nullptr || pipe->unread() > 0 ? 0 : std::exchange(pipe->error, 0);
  the_network->Note(error != 0 ? Seen::kReadErrorTaken : Seen::kReadErrorNone);
  return error;
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

int ApplyKeepalive(SocketHandle socket, const Keepalive& wanted, Unsupported*) {
  const bool fails = the_network->Fails(the_network->weather().policy_errors);
  the_network->Note(fails ? Seen::kPolicyFails : Seen::kPolicySet);
  Pipe* pipe = the_network->Find(socket);
  if (pipe != nullptr) pipe->policy_fails = fails;
  if (fails) return EINVAL;
  if (pipe != nullptr) {
    pipe->tcp.Use(wanted, the_network->now_ms());
  } else {
    the_network->FindDoor(socket)->keepalive = wanted;
  }
  return 0;
}
Keepalive ReadKeepalive(SocketHandle socket, const Keepalive&) {
  const Pipe* pipe = the_network->Find(socket);
  return pipe != nullptr ? pipe->tcp.keepalive() : the_network->FindDoor(socket)->keepalive;
}
bool HasLivenessClock() {
  return the_network->weather().tells_tcp_info;
}

bool ReadTcpInfo(SocketHandle socket, TcpInfo* out) {
  Pipe* pipe = the_network->Find(socket);
  const bool told = pipe != nullptr && the_network->weather().tells_tcp_info;
  the_network->Note(told ? Seen::kTcpInfoTold : Seen::kTcpInfoNone);
  if (!told) return false;
  *out = {};
  pipe->tcp.Tell(the_network->now_ms(), out);
  out->state = 1;
  out->bytes_received = pipe->arrived;
  if (!pipe->dead) return true;
  // A dead socket has thrown away what it was to send (tcp_done, tcp_write_queue_purge).
  out->state = TcpInfo::kStateClosed;
  out->unacked_segments = out->not_sent_bytes = 0;
  return true;
}

int ReadSocketTable(const SocketTableQuery&, const std::function<void(const SocketTableRow&)>&) {
  return ENOSYS;
}
bool ReadSocketCookie(SocketHandle, uint64_t*) {
  return false;
}

}  // namespace holdfast::platform
