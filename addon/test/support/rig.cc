#include "support/rig.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace holdfast::test {

Rig::Rig(IoKind io, Sizes sizes)
    : completions_(size_t{sizes.completions} * kRecordWords),
      receive_slab_(sizes.receive_slab_bytes),
      submissions_(size_t{sizes.submissions} * kRecordWords),
      submit_slab_(sizes.submit_slab_bytes),
      control_(kControlWords),
      queued_bytes_(sizes.connections),
      wants_drain_(sizes.connections),
      throttles_(sizes.connections) {
  // As Node does: libuv writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  uv_loop_init(&loop_);
  const SharedMemory memory{completions_, receive_slab_, submissions_, submit_slab_,
                            control_,     queued_bytes_, wants_drain_, throttles_};
  Host& host = *this;
  reactor_ = std::make_unique<Reactor>(&loop_, memory, host);
  REQUIRE(reactor_->Start(io) == 0);
}

Rig::~Rig() {
  if (reactor_ != nullptr) Stop();
  for (const std::string& violation : ledger.violations()) FAIL_CHECK(violation);
}

ListenerOptions Rig::Options() {
  ListenerOptions options;
  ParseAddress("127.0.0.1", 4, 0, &options.bind.address);
  options.low_watermark_bytes = 16384;
  options.accept_budget = 256;
  options.read_chunk_bytes = 65536;
  return options;
}

Listener& Rig::Listen(const ListenerOptions& options) {
  const platform::Outcome outcome = reactor_->Listen(options, &listener_);
  REQUIRE(outcome.error == 0);
  return *listener_;
}

ConnectionId Rig::Accept(Peer* peer) {
  *peer = Connect();
  const auto opened = [this, peer]() -> const Event* {
    for (const Event& event : events) {
      if (event.kind != CompletionKind::kOpen) continue;
      const Connection* connection = Find(event.id);
      if (connection != nullptr && connection->peer.port == peer->port()) return &event;
    }
    return nullptr;
  };
  REQUIRE(Run([&] { return opened() != nullptr; }));
  return opened()->id;
}

void Rig::Submit(SubmissionOp op, ConnectionId id, uint32_t a, uint32_t b) {
  if ((control_[kControlSubmissionCount] + 1) * kRecordWords > submissions_.size()) Flush();
  int32_t* record = &submissions_[size_t{control_[kControlSubmissionCount]++} * kRecordWords];
  const uint32_t words[] = {static_cast<uint32_t>(op), id.slot, id.generation, a, b};
  std::memcpy(record, words, sizeof(words));
}

bool Rig::Write(ConnectionId id, std::string_view bytes) {
  if (!ledger.IsOpen(id)) return false;
  const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
  queued_bytes_[id.slot] += static_cast<uint32_t>(bytes.size());
  const bool go_on = queued_bytes_[id.slot] <= high_watermark_bytes;
  if (!go_on) wants_drain_[id.slot] = 1;
  if (bytes.size() > submit_slab_.size()) {
    reactor_->Send(id, {data, bytes.size()});
    return go_on;
  }
  if ((control_[kControlSubmissionCount] + 1) * kRecordWords > submissions_.size() ||
      bytes.size() > submit_slab_.size() - control_[kControlSubmitBytes]) {
    Flush();
  }
  const uint32_t offset = control_[kControlSubmitBytes];
  std::memcpy(submit_slab_.data() + offset, data, bytes.size());
  control_[kControlSubmitBytes] += static_cast<uint32_t>(bytes.size());
  Submit(SubmissionOp::kWrite, id, offset, static_cast<uint32_t>(bytes.size()));
  return go_on;
}

std::vector<BroadcastOutcome> Rig::Broadcast(const std::vector<ConnectionId>& ids,
                                             std::string_view bytes) {
  std::vector<BroadcastTarget> targets;
  for (const ConnectionId id : ids) {
    targets.push_back({id.slot, id.generation});
    if (!ledger.IsOpen(id)) continue;
    queued_bytes_[id.slot] += static_cast<uint32_t>(bytes.size());
    if (queued_bytes_[id.slot] > high_watermark_bytes) wants_drain_[id.slot] = 1;
  }
  reactor_->Broadcast(*listener_, targets,
                      {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
  std::vector<BroadcastOutcome> outcomes;
  for (const BroadcastTarget& target : targets) {
    outcomes.push_back(static_cast<BroadcastOutcome>(target.generation));
  }
  return outcomes;
}

void Rig::End(ConnectionId id, DisconnectReason reason) {
  Submit(SubmissionOp::kEnd, id, static_cast<uint32_t>(reason));
}

void Rig::Destroy(ConnectionId id, DisconnectReason reason, bool reset) {
  Submit(SubmissionOp::kDestroy, id, static_cast<uint32_t>(reason), reset ? 1 : 0);
}

// As lib/ does: the slab is copied once, records are read from where they stand.
void Rig::Deliver(uint32_t count, uint32_t slab_bytes) {
  if (stopping_) ledger.Complain("delivered after the stop");
  if (delivering_) ledger.Complain("delivered inside of a delivery");
  if (count == 0) ledger.Complain("an empty batch");
  delivering_ = true;
  ++deliveries;
  ledger.BeginBatch();
  const std::string slab(reinterpret_cast<const char*>(receive_slab_.data()), slab_bytes);
  if (on_batch) on_batch(count);
  for (uint32_t i = 0; i < count; ++i) {
    const Event event = Read(i, slab);
    ledger.Note(event);
    if (records_events) events.push_back(event);
    if (on_event) on_event(event);
    if (event.kind == CompletionKind::kEnding && answers_ending) End(event.id, event.reason());
  }
  delivering_ = false;
}

Event Rig::Read(uint32_t index, const std::string& slab) {
  Event event;
  std::memcpy(event.words.data(), &completions_[size_t{index} * kRecordWords], sizeof(event.words));
  event.kind = static_cast<CompletionKind>(event.words[0]);
  event.id = {event.words[1], event.words[2]};
  const auto inside = [&](uint32_t offset, uint32_t length) {
    if (offset <= slab.size() && length <= slab.size() - offset) return true;
    ledger.Complain("bytes outside of the slab that was delivered");
    return false;
  };
  if (event.kind == CompletionKind::kData && inside(event.words[3], event.words[4])) {
    event.bytes = slab.substr(event.words[3], event.words[4]);
  }
  if (event.kind == CompletionKind::kOpen && event.words[6] > 0) {
    if (inside(event.words[5], event.words[6])) {
      event.bytes = slab.substr(event.words[5], event.words[6]);
    }
  }
  if (event.kind == CompletionKind::kClosed && inside(event.words[5], event.words[6])) {
    event.evidence.resize(kEvidenceFieldCount);
    std::memcpy(event.evidence.data(), slab.data() + event.words[5], kEvidenceFieldCount * 8);
    if (event.words[5] % 8 != 0) ledger.Complain("evidence is not aligned");
  }
  return event;
}

size_t Rig::Count(CompletionKind kind) const {
  return static_cast<size_t>(std::count_if(
      events.begin(), events.end(), [kind](const Event& event) { return event.kind == kind; }));
}

size_t Rig::Count(CompletionKind kind, ConnectionId id) const {
  return static_cast<size_t>(std::count_if(
      events.begin(), events.end(),
      [kind, id](const Event& event) { return event.kind == kind && event.id == id; }));
}

std::string Rig::Received(ConnectionId id) const {
  std::string received;
  for (const Event& event : events) {
    if (event.kind == CompletionKind::kData && event.id == id) received += event.bytes;
  }
  return received;
}

const Event* Rig::Closed(ConnectionId id) const {
  for (const Event& event : events) {
    if (event.kind == CompletionKind::kClosed && event.id == id) return &event;
  }
  return nullptr;
}

void ShrinkSendBuffer(const Listener& listener) {
  const int bytes = 4096;
  setsockopt(listener.fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

}  // namespace holdfast::test
