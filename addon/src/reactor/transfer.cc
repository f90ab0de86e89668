// Bytes, both ways.

#include <algorithm>

#include "base/check.h"
#include "net/liveness.h"
#include "reactor/reactor.h"

namespace holdfast {

namespace {
constexpr size_t kPiecesPerSend = 16;

// Who sends this little at a time waits for the answer, and is not to wait for those who send as
// much as is taken: the more of them there are, the less is received from each socket. A small one
// counts twice, so that a few that flood stay behind.
constexpr uint32_t kSmallReadBytes = 2 * 1024;
constexpr uint32_t kReceiveBytesBesideSmall = 256 * 1024;
// Nobody has less, and with few ready sockets each has a whole chunk.
constexpr uint32_t kSmallestShareBytes = 8 * 1024;
}  // namespace

Connection* Reactor::FindConnection(ConnectionId id) {
  Connection* connection = connections_.Find(id);
  if (connection == nullptr || connection->IsClosing() || connection->unopened) return nullptr;
  return connection;
}

Socket* Reactor::FindSocket(ConnectionId id) {
  Connection* owner = connections_.Find(id);
  return owner == nullptr || owner->IsClosing() ? nullptr : &owner->socket;
}

std::span<std::byte> Reactor::ReceiveSpace(const Socket& socket) {
  const Connection& connection = connections_.At(socket.id.slot);
  const uint32_t most = std::min(connection.listener->options.read_chunk_bytes, share_bytes_);
  const uint32_t allowed = std::min(most, AllowedBytes(connection));
  return connection.unopened ? HeaderSpace(connection, allowed) : completions_.Space(allowed);
}

// The batch that was just delivered tells how many will be ready next, and how many of them are
// small. Where nobody is, all of them together have the slab.
void Reactor::ShareReceiveBytes(uint32_t delivered) {
  const uint32_t beside_small = kReceiveBytesBesideSmall / (2 * small_reads_ + 1);
  share_bytes_ = std::max(std::min(beside_small, completions_.slab_capacity_bytes() / delivered),
                          kSmallestShareBytes);
  small_reads_ = 0;
}

void Reactor::OnReceived(Socket& socket, size_t bytes) {
  Connection& connection = connections_.At(socket.id.slot);
  if (connection.unopened) return HeaderReceived(connection, bytes);
  NoteHeard(connection);
  const auto count = static_cast<uint32_t>(bytes);
  HandOver(connection, completions_.Take(count), count);
}

void Reactor::HandOver(Connection& connection, uint32_t offset, uint32_t bytes) {
  connection.bytes_read += bytes;
  if (bytes <= kSmallReadBytes) ++small_reads_;
  const auto [slot, generation] = connection.socket.id;
  completions_.Push(CompletionKind::kData, slot, generation, offset, bytes);
  CountReceived(connection, bytes);
}

void Reactor::Apply(const Submission& submission) {
  // A stale id is no error: the end of a connection and a request for it may cross.
  Connection* connection = FindConnection(submission.id);
  if (connection == nullptr) return;
  switch (submission.op) {
    case SubmissionOp::kWrite:
      return Write(*connection, submission.bytes);
    case SubmissionOp::kEnd:
      return End(*connection, submission.reason);
    case SubmissionOp::kDestroy:
      if (submission.keeps_reason && connection->state == ConnectionState::kDraining) {
        return Close(*connection, connection->reason, 0, false);
      }
      return Close(*connection, submission.reason, 0, submission.reset);
    case SubmissionOp::kPause:
      return Pause(*connection);
    case SubmissionOp::kResume:
      return Resume(*connection);
    case SubmissionOp::kReady:
      connection->activity.established = true;
      return;
    case SubmissionOp::kPinged:
      return CountPing(*connection);
    case SubmissionOp::kNone:
      return;
  }
}

void Reactor::Send(ConnectionId id, std::span<const std::byte> bytes) {
  Flush();
  if (Connection* connection = FindConnection(id)) Write(*connection, bytes);
}

void Reactor::Write(Connection& connection, std::span<const std::byte> bytes, SharedBytes* shared) {
  if (connection.state != ConnectionState::kOpen || connection.error != 0) return;
  if (connection.queue != nullptr) {
    Queue(connection, bytes, 0, shared);
    return;
  }
  const platform::Bytes pieces[] = {bytes};
  const ssize_t sent = io_->Send(connection.socket, pieces);
  if (sent < 0) return SendFailed(connection, static_cast<int>(-sent));
  Took(connection, static_cast<size_t>(sent));
  WatchLiveness(connection);
  if (static_cast<size_t>(sent) == bytes.size()) return;
  connection.queue = std::make_unique<WriteQueue>(&connection.listener->queue_memory);
  connection.activity.backlog = true;
  connection.activity.backlog_ms = ActivityNowMs();
  ArmDeadline(connection);
  if (!Queue(connection, bytes, static_cast<size_t>(sent), shared)) return;
  platform::Bytes head;
  connection.queue->Gather({&head, 1});
  io_->AwaitWritable(connection.socket, head);
}

void Reactor::OnWritable(Socket& socket, size_t sent) {
  Connection& connection = connections_.At(socket.id.slot);
  if (connection.queue == nullptr || connection.error != 0) return;
  if (sent > 0) {
    connection.queue->Consume(sent);
    Took(connection, sent);
  }
  SendQueued(connection);
}

void Reactor::SendQueued(Connection& connection) {
  WriteQueue& queue = *connection.queue;
  while (!queue.empty()) {
    platform::Bytes pieces[kPiecesPerSend];
    const size_t count = queue.Gather(pieces);
    size_t offered = 0;
    for (size_t i = 0; i < count; ++i) offered += pieces[i].size();
    const ssize_t sent = io_->Send(connection.socket, {pieces, count});
    if (sent < 0) return SendFailed(connection, static_cast<int>(-sent));
    queue.Consume(static_cast<size_t>(sent));
    Took(connection, static_cast<size_t>(sent));
    WatchLiveness(connection);
    if (static_cast<size_t>(sent) == offered) continue;
    platform::Bytes head;
    queue.Gather({&head, 1});
    io_->AwaitWritable(connection.socket, head);
    return;
  }
  connection.queue.reset();
  connection.activity.backlog = false;
  if (connection.state == ConnectionState::kDraining) SendFin(connection);
}

// The kernel has taken bytes: the share of the queue that JavaScript sees goes down with it.
void Reactor::Took(Connection& connection, size_t bytes) {
  const uint32_t slot = connection.socket.id.slot;
  connection.bytes_written += bytes;
  // A send that took nothing is no sign of life.
  if (bytes > 0) connection.activity.sent_ms = ActivityNowMs();
  HF_CHECK(queued_bytes_[slot] >= bytes);
  queued_bytes_[slot] -= static_cast<uint32_t>(bytes);
  if (!wants_drain_[slot] ||
      queued_bytes_[slot] > connection.listener->options.low_watermark_bytes) {
    return;
  }
  wants_drain_[slot] = 0;
  connection.drain_due = true;
  Report(connection);
}

void Reactor::Pause(Connection& connection) {
  if (connection.paused) return;
  connection.paused = true;
  StopReading(connection);
}

void Reactor::Resume(Connection& connection) {
  if (!connection.paused) return;
  connection.paused = false;
  GoOnReading(connection);
}

void Reactor::StopReading(Connection& connection) {
  if (connection.activity.unread) return;
  connection.activity.unread = true;
  io_->Pause(connection.socket);
  if (IsBlindTo(connection)) LookWithin(connection, kConfirmMs);
}

// Once nothing stands against it any more: what came meanwhile is still to be read, so silence and
// the reply to a heartbeat count from now.
void Reactor::GoOnReading(Connection& connection) {
  if (connection.paused || connection.throttled) return;
  connection.activity.unread = false;
  connection.activity.read_ms = connection.activity.beat_ms = ActivityNowMs();
  ArmDeadline(connection);
  io_->Resume(connection.socket);
}

void Reactor::SetConnectionReferenced(Connection& connection, bool referenced) {
  if (connection.referenced == referenced) return;
  connection.referenced = referenced;
  referenced ? loop_->Reference() : loop_->Unreference();
}

Evidence Reactor::Inspect(const Connection& connection) {
  return Gather(connection, NowMs());
}

}  // namespace holdfast
