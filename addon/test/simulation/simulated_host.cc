#include "simulation/simulated_host.h"

#include <cstring>

#include "base/check.h"

namespace holdfast::simulation {

SimulatedHost::SimulatedHost(const HostOptions& options, Random* random, Model* model)
    : options_(options),
      random_(*random),
      model_(*model),
      completions_(size_t{options.completions} * kRecordWords),
      receive_slab_(options.receive_slab_bytes),
      submissions_(size_t{options.submissions} * kRecordWords),
      submit_slab_(options.submit_slab_bytes),
      control_(kControlWords),
      queued_bytes_(options.slots),
      wants_drain_(options.slots),
      throttles_(options.slots) {}

SharedMemory SimulatedHost::memory() {
  return {completions_, receive_slab_, submissions_, submit_slab_,
          control_,     queued_bytes_, wants_drain_, throttles_};
}

void SimulatedHost::Deliver(uint32_t count, uint32_t slab_bytes) {
  if (count == 0) model_.Complain({}, "an empty batch");
  model_.BeginBatch();
  const std::vector<std::byte> slab(receive_slab_.begin(), receive_slab_.begin() + slab_bytes);
  for (uint32_t i = 0; i < count; ++i) {
    const Event event = Read(i, slab);
    model_.Told(event);
    Answer(event);
  }
}

Event SimulatedHost::Read(uint32_t index, const std::vector<std::byte>& slab) {
  Event event;
  std::memcpy(event.words.data(), &completions_[size_t{index} * kRecordWords], sizeof(event.words));
  event.kind = static_cast<CompletionKind>(event.words[0]);
  event.id = {event.words[1], event.words[2]};
  const bool data = event.kind == CompletionKind::kData;
  const bool closed = event.kind == CompletionKind::kClosed;
  const bool proxied = event.kind == CompletionKind::kOpen && event.words[6] > 0;
  if (!data && !closed && !proxied) return event;
  const uint32_t offset = event.words[data ? 3 : 5];
  const uint32_t length = event.words[data ? 4 : 6];
  if (offset > slab.size() || length > slab.size() - offset) {
    model_.Complain(event.id, "bytes outside of the slab that was delivered");
    return event;
  }
  if (!closed) {
    event.bytes.assign(reinterpret_cast<const char*>(slab.data()) + offset, length);
  } else {
    event.evidence.resize(kEvidenceFieldCount);
    std::memcpy(event.evidence.data(), slab.data() + offset, kEvidenceFieldCount * 8);
  }
  return event;
}

void SimulatedHost::Answer(const Event& event) {
  if (!still_ && random_.Chance(options_.listener_acts)) act_on_listeners_();
  if (event.kind == CompletionKind::kRefused || event.kind == CompletionKind::kDrained) return;
  if (event.kind == CompletionKind::kOpen) known_.push_back(event.id);
  if (!model_.ledger().IsOpen(event.id)) return;
  if (event.kind == CompletionKind::kEnding)
    return Submit(SubmissionOp::kEnd, event.id, event.words[3]);
  if (event.kind == CompletionKind::kEnd && (still_ || random_.Chance(800))) {
    model_.Ended(event.id);
    return Submit(SubmissionOp::kEnd, event.id, static_cast<uint32_t>(DisconnectReason::kLocalEnd));
  }
  if (!still_ && random_.Chance(options_.eagerness)) Act(event.id);
}

void SimulatedHost::ActOnAny() {
  if (known_.empty() || still_) return;
  Act(known_[random_.Below(static_cast<uint32_t>(known_.size()))]);
}

void SimulatedHost::BeStill() {
  still_ = true;
  for (const ConnectionId id : known_) Submit(SubmissionOp::kResume, id);
}

void SimulatedHost::Act(ConnectionId id) {
  const bool open = model_.ledger().IsOpen(id);
  const uint32_t dice = random_.Below(100);
  if (dice < 50) {
    if (!open || !model_.MayWrite(id)) return;
    const uint32_t bytes = random_.Between(1, options_.largest_write_bytes);
    random_.Chance(options_.broadcasts) ? Broadcast(id, bytes) : Write(id, bytes);
  } else if (dice < 60) {
    Submit(SubmissionOp::kPause, id);
  } else if (dice < 80) {
    Submit(SubmissionOp::kResume, id);
  } else if (dice < 90) {
    if (random_.Chance(500)) return Ping(id, open);
    if (open) model_.Ready(id);
    Submit(SubmissionOp::kReady, id);
  } else if (dice < 93) {
    if (open) model_.Ended(id);
    Submit(SubmissionOp::kEnd, id, static_cast<uint32_t>(DisconnectReason::kLocalEnd));
  } else if (dice < 95) {
    if (open) model_.Destroyed(id);
    Submit(SubmissionOp::kDestroy, id, static_cast<uint32_t>(DisconnectReason::kLocalAbort),
           random_.Below(2));
  } else {
    reactor_->Flush();
  }
}

// One chunk may hold many.
void SimulatedHost::Ping(ConnectionId id, bool open) {
  for (uint32_t left = random_.Chance(200) ? random_.Between(2, 12) : 1; left > 0; --left) {
    if (open) model_.Pinged(id);
    Submit(SubmissionOp::kPinged, id);
  }
}

void SimulatedHost::CountQueued(ConnectionId id, uint32_t bytes) {
  queued_bytes_[id.slot] += bytes;
  if (queued_bytes_[id.slot] <=
      model_.OptionsOf(id).low_watermark_bytes + options_.above_low_bytes) {
    return;
  }
  if (wants_drain_[id.slot] == 0) model_.Promised(id);
  wants_drain_[id.slot] = 1;
}

void SimulatedHost::Broadcast(ConnectionId first, uint32_t bytes) {
  Connection* connection = reactor_->FindConnection(first);
  if (connection == nullptr) return;
  Listener& listener = *connection->listener;
  const uint32_t stream = ++broadcasts_;
  std::vector<std::byte> data(bytes);
  for (uint32_t i = 0; i < bytes; ++i) data[i] = ByteAt(stream, i);
  std::vector<BroadcastTarget> targets;
  for (const ConnectionId id : known_) {
    if (model_.ledger().IsOpen(id)) {
      if (!model_.IsOf(id, listener.id) || !model_.MayWrite(id)) continue;
      model_.Broadcast(id, stream, bytes);
      CountQueued(id, bytes);
    } else if (!random_.Chance(100)) {
      continue;
    }
    targets.push_back({id.slot, id.generation});
  }
  reactor_->Broadcast(listener, targets, data);
}

// As lib/ does: counted at once, told when to wait, and sent directly what the slab cannot hold.
void SimulatedHost::Write(ConnectionId id, uint32_t bytes) {
  const uint32_t stream = ~model_.StreamOf(id);
  const uint64_t from = model_.Written(id);
  std::vector<std::byte> data(bytes);
  for (uint32_t i = 0; i < bytes; ++i) data[i] = ByteAt(stream, from + i);
  model_.Wrote(id, bytes);
  CountQueued(id, bytes);
  if (bytes > submit_slab_.size()) return reactor_->Send(id, data);
  if ((control_[kControlSubmissionCount] + 1) * kRecordWords > submissions_.size() ||
      bytes > submit_slab_.size() - control_[kControlSubmitBytes]) {
    reactor_->Flush();
  }
  const uint32_t offset = control_[kControlSubmitBytes];
  std::memcpy(submit_slab_.data() + offset, data.data(), bytes);
  control_[kControlSubmitBytes] += bytes;
  Submit(SubmissionOp::kWrite, id, offset, bytes);
}

void SimulatedHost::Submit(SubmissionOp op, ConnectionId id, uint32_t a, uint32_t b) {
  if ((control_[kControlSubmissionCount] + 1) * kRecordWords > submissions_.size()) {
    reactor_->Flush();
  }
  int32_t* record = &submissions_[size_t{control_[kControlSubmissionCount]++} * kRecordWords];
  const uint32_t words[] = {static_cast<uint32_t>(op), id.slot, id.generation, a, b};
  std::memcpy(record, words, sizeof(words));
}

}  // namespace holdfast::simulation
