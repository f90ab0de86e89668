#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "platform/address.h"

#ifdef _MSC_VER
typedef intptr_t ssize_t;  // as uv.h has it
#endif

namespace holdfast::platform {

using Bytes = std::span<const std::byte>;

#ifdef _WIN32
using SocketHandle = uintptr_t;  // SOCKET
#else
using SocketHandle = int;
#endif
inline constexpr SocketHandle kNoSocket = static_cast<SocketHandle>(-1);

// True where an accepted socket inherits the options of its listener: then they are set once,
// before listen(), and no system call is spent on an accepted socket.
#ifdef __linux__
inline constexpr bool kInheritsOptions = true;
#else
inline constexpr bool kInheritsOptions = false;
#endif

struct BindOptions {
  Address address;
  bool ipv6_only = false;
  bool reuse_port = false;
};

// The call that failed, for the error's `syscall`; null when all went well.
struct Outcome {
  // A positive errno, here and wherever an error has no other name: the number that libuv gives it,
  // without the sign (-UV_EPIPE). On POSIX that is errno itself; Windows knows no errno of sockets.
  int error = 0;
  const char* syscall = nullptr;
};

// A bound, non-blocking socket that does not listen yet, so that everything its connections are to
// inherit can still be set.
Outcome OpenBound(const BindOptions& options, SocketHandle* out);
Outcome StartListening(SocketHandle socket, int backlog);

// From now on no handshake begins at this listener; those under way go on. False where the system
// has no way to do that.
bool StopHandshakes(SocketHandle listener);
// Whether accept(2) would find a connection in the queue. Not on Windows.
bool HasArrival(SocketHandle listener);

// For an Io that works on sockets itself, which none does on Windows: they are missing there. Each
// returns the count of bytes or the socket, or a negative errno.
SocketHandle Accept(SocketHandle listener, Address* peer, int* error);
ssize_t Receive(SocketHandle socket, std::span<std::byte> into);
ssize_t Send(SocketHandle socket, std::span<const Bytes> pieces);

// A descriptor that stands for nothing but itself; kNoSocket where none is left, and on Windows,
// where handles do not run out.
SocketHandle OpenReserve();
// Accepts one connection with the descriptor that `reserve` gives up, and resets it. False when
// none was accepted: `error` tells why. The reserve is taken back, or kNoSocket when somebody else
// has it.
bool AcceptAndReset(SocketHandle listener, SocketHandle* reserve, int* error);
// What the kernel takes at once; the rest is dropped.
void SendLast(SocketHandle socket, Bytes bytes);

int ShutdownWrite(SocketHandle socket);
void SetNoDelay(SocketHandle socket, bool on = true);
// The next close sends RST and drops what the kernel still holds (SO_LINGER of 0 s).
void ResetOnClose(SocketHandle socket);
void Close(SocketHandle socket);

// Reads and clears SO_ERROR. Never call it on a live socket: it would swallow a soft ICMP error.
int TakeError(SocketHandle socket);
// The error that the next read would find behind the last bytes, or 0. It is taken by asking.
int TakeReadError(SocketHandle socket);
Address LocalAddress(SocketHandle socket);
Address PeerAddress(SocketHandle socket);
// Bytes received and not read yet, or -1.
int64_t UnreadBytes(SocketHandle socket);

}  // namespace holdfast::platform
