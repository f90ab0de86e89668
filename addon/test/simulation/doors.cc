#include "simulation/doors.h"

#include "simulation/scenario.h"

namespace holdfast::simulation {

namespace {
// What one run opens at most, closed ones among them, and holds of connections and arrivals.
constexpr uint32_t kOpenedMost = 12;
constexpr size_t kPipesMost = 600;
}  // namespace

void Doors::Open() {
  if (opened_ == kOpenedMost) return;
  ++opened_;
  Listener* listener = nullptr;
  const ListenerOptions options = DrawListener(&random_, patient_);
  if (reactor_->Listen(options, &listener).error != 0) return;
  model_.Listens(*listener);
  open_.push_back({listener->id, listener->fd});
}

void Doors::Act() {
  const uint32_t dice = random_.Below(100);
  if (dice < 10) return Open();
  if (open_.empty()) return;
  const uint32_t at = random_.Below(static_cast<uint32_t>(open_.size()));
  const ListenerId id = open_[at].id;
  if (dice < 45) {
    model_.Suspends(id);
    reactor_->SuspendListener(*reactor_->FindListener(id));
  } else if (dice < 90) {
    model_.Reopens(id);
    reactor_->ResumeListener(*reactor_->FindListener(id));
  } else {
    open_.erase(open_.begin() + at);
    model_.Closes(id);
    reactor_->CloseListener(id);
  }
}

void Doors::Arrive(uint32_t count, uint32_t addresses) {
  for (; count > 0 && !open_.empty() && network_.pipes().size() < kPipesMost; --count) {
    Address peer{.port = 1, .family = 4};
    peer.bytes[0] = 10;
    peer.bytes[3] = static_cast<uint8_t>(random_.Below(addresses));
    network_.Connect(open_[random_.Below(static_cast<uint32_t>(open_.size()))].handle, peer);
  }
}

}  // namespace holdfast::simulation
