// Bytes from the server to its peers.

#include <errno.h>

#include <algorithm>

#include "simulation/simulated_io.h"

namespace holdfast::simulation {

void SimulatedIo::OfferRoom(Watched& watched, Pipe& pipe) {
  if (!watched.awaits || (pipe.room() == 0 && !pipe.dead)) return;
  Socket* socket = sink_.FindSocket(watched.id);
  if (socket == nullptr) return;
  if (watched.lent) return SendLent(watched, pipe);
  if (pipe.dead) return;
  watched.awaits = false;
  sink_.OnWritable(*socket, 0);
  if (manner_ == Manner::kCallsBack) sink_.OnReady();
}

void SimulatedIo::SendLent(Watched& watched, Pipe& pipe) {
  Socket& socket = *sink_.FindSocket(watched.id);
  if (!pipe.dead) watched.lent_sent += Take(pipe, watched.lent->subspan(watched.lent_sent));
  if (!pipe.dead && watched.lent_sent < watched.lent->size()) return;
  const size_t sent = watched.lent->size();
  watched.lent.reset();
  watched.awaits = false;
  if (pipe.dead) {
    network_.Note(Seen::kLentFails);
    model_.SendFailed(watched.id);
    sink_.OnSendError(socket, pipe.error != 0 ? pipe.error : EPIPE);
  } else {
    network_.Note(Seen::kLentSent);
    model_.Sent(watched.id, sent);
    sink_.OnWritable(socket, sent);
  }
  sink_.OnReady();
}

// What the kernel takes of them now.
size_t SimulatedIo::Take(Pipe& pipe, platform::Bytes bytes) {
  auto count = static_cast<size_t>(std::min<uint64_t>(bytes.size(), pipe.room()));
  if (count > 0 && random_.Chance(200)) count = random_.Between(0, static_cast<uint32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    if (bytes[i] != model_.ByteToSend(pipe.id, pipe.taken + i)) {
      model_.Complain(pipe.id, "a byte sent is not the next one that the host wrote");
      break;
    }
  }
  pipe.taken += count;
  network_.Sent(pipe);
  // Taken less than there is room for: room is announced again.
  if (count < bytes.size() && pipe.room() > 0) network_.news.push_back(pipe.handle);
  return count;
}

ssize_t SimulatedIo::Send(Socket& socket, std::span<const platform::Bytes> pieces) {
  Watched& watched = sockets_.at(socket.fd);
  Pipe& pipe = *network_.Find(socket.fd);
  if (pipe.own_fin) model_.Complain(pipe.id, "sent after FIN");
  if (watched.lent) return 0;
  if (network_.Fails(network_.weather().send_errors)) {
    model_.SendFailed(watched.id);
    if (random_.Chance(300)) {
      network_.Note(Seen::kSendNoBuffers);
      return -ENOBUFS;
    }
    network_.Fail(pipe, ECONNRESET);
  }
  if (pipe.dead) {
    network_.Note(Seen::kSendFails);
    model_.SendFailed(watched.id);
    return -(pipe.error != 0 ? pipe.error : EPIPE);
  }
  size_t sent = 0, offered = 0;
  for (const platform::Bytes piece : pieces) {
    // What was not taken of one piece stands in front of the next.
    if (sent == offered) sent += Take(pipe, piece);
    offered += piece.size();
  }
  network_.Note(sent == offered ? Seen::kSends : sent > 0 ? Seen::kSendsPart : Seen::kSendsNothing);
  model_.Sent(watched.id, sent);
  return static_cast<ssize_t>(sent);
}

void SimulatedIo::AwaitWritable(Socket& socket, platform::Bytes head) {
  Watched& watched = sockets_.at(socket.fd);
  watched.awaits = true;
  if (manner_ == Manner::kCallsBack && !watched.lent) {
    network_.Note(Seen::kLends);
    watched.lent = head;
    watched.lent_sent = 0;
  }
  network_.news.push_back(socket.fd);
}

int SimulatedIo::Shutdown(Socket& socket) {
  Pipe& pipe = *network_.Find(socket.fd);
  if (pipe.own_fin) model_.Complain(pipe.id, "FIN twice");
  if (sockets_.at(socket.fd).lent) model_.Complain(pipe.id, "FIN in front of bytes that were lent");
  pipe.own_fin = true;
  if (network_.Fails(network_.weather().shutdown_errors)) network_.Fail(pipe, ENOTCONN);
  network_.Note(pipe.dead ? Seen::kShutdownFails : Seen::kShutsDown);
  if (pipe.dead) return -ENOTCONN;
  network_.Sent(pipe);
  return 0;
}

}  // namespace holdfast::simulation
