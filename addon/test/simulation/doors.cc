#include "simulation/doors.h"

#include <utility>

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

void Doors::Forget() {
  std::erase_if(open_, [this](const Entry& entry) { return !network_.FindDoor(entry.handle); });
}

void Doors::Act() {
  Forget();
  const uint32_t dice = random_.Below(100);
  if (dice < 15) return Open();
  if (open_.empty()) return;
  const uint32_t at = random_.Below(static_cast<uint32_t>(open_.size()));
  Entry& entry = open_[at];
  Listener& listener = *reactor_->FindListener(entry.id);
  if (dice < 40) {
    if (entry.drains) return;
    model_.Suspends(entry.id);
    reactor_->SuspendListener(listener);
  } else if (dice < 70) {
    model_.Reopens(entry.id);
    reactor_->ResumeListener(listener);
  } else if (dice < 84) {
    if (std::exchange(entry.drains, true)) return;
    const uint32_t grace_ms = random_.Chance(300) ? 0 : random_.Below(500);
    model_.Drains(entry.id, grace_ms);
    reactor_->DrainListener(listener, grace_ms);
  } else {
    const ListenerId id = entry.id;
    open_.erase(open_.begin() + at);
    model_.Closes(id);
    reactor_->CloseListener(id);
  }
}

void Doors::Arrive(uint32_t count, uint32_t addresses) {
  Forget();
  for (; count > 0 && !open_.empty() && network_.pipes().size() < kPipesMost; --count) {
    Address peer{.port = 1, .family = 4};
    peer.bytes[0] = 10;
    peer.bytes[3] = static_cast<uint8_t>(random_.Below(addresses));
    network_.Connect(open_[random_.Below(static_cast<uint32_t>(open_.size()))].handle, peer);
  }
}

}  // namespace holdfast::simulation
