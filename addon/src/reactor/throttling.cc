// What a connection may make us receive: above it reading stops for a while, so that TCP's window
// slows the client, or the connection ends.

#include "reactor/reactor.h"

namespace holdfast {

void Reactor::OpenIntake(const Connection& connection) {
  if (intakes_ == nullptr) return;
  const uint32_t slot = connection.socket.id.slot;
  throttles_[slot] = 0;  // of whoever had the slot before
  const IntakeOptions& options = connection.listener->options.intake;
  if (options.Any()) intakes_->Open(slot, options, NowMs());
}

void Reactor::CloseIntake(const Connection& connection) {
  if (connection.throttled) intakes_->Forget(connection.socket.id.slot);
}

uint32_t Reactor::AllowedBytes(const Connection& connection) {
  const IntakeOptions& options = connection.listener->options.intake;
  if (!options.Any()) return UINT32_MAX;
  return intakes_->At(connection.socket.id.slot).Allowed(options, NowMs());
}

void Reactor::CountReceived(Connection& connection, size_t bytes) {
  const IntakeOptions& options = connection.listener->options.intake;
  if (!options.Any()) return;
  Intake& intake = intakes_->At(connection.socket.id.slot);
  if (!intake.Received(options, static_cast<uint32_t>(bytes), NowMs())) {
    return Close(connection, DisconnectReason::kRateLimit, 0, false);
  }
  if (intake.IsExhausted(options, NowMs())) Throttle(connection);
}

void Reactor::CountPing(Connection& connection) {
  const IntakeOptions& options = connection.listener->options.intake;
  if (!options.Any()) return;
  if (intakes_->At(connection.socket.id.slot).Pinged(options, NowMs())) return;
  if (options.ends_pinging) return Close(connection, DisconnectReason::kRateLimit, 0, false);
  Throttle(connection);
}

// One that is throttled already may owe more by now: its wait is asked for anew when it is over.
void Reactor::Throttle(Connection& connection) {
  if (connection.throttled) return;
  const uint32_t slot = connection.socket.id.slot;
  connection.throttled = true;
  ++throttles_[slot];
  StopReading(connection);
  ReleaseIn(connection, intakes_->At(slot).WaitMs(connection.listener->options.intake, NowMs()));
}

void Reactor::ReleaseIn(Connection& connection, uint64_t wait_ms) {
  intakes_->ReleaseAt(connection.socket.id.slot, (NowMs() + wait_ms + kTickMs - 1) / kTickMs);
}

void Reactor::ReleaseThrottled() {
  if (intakes_ == nullptr) return;
  intakes_->Advance(NowMs() / kTickMs, [this](uint32_t slot) {
    Connection& connection = connections_.At(slot);
    const IntakeOptions& options = connection.listener->options.intake;
    const uint64_t wait_ms = intakes_->At(slot).WaitMs(options, NowMs());
    if (wait_ms > 0) return ReleaseIn(connection, wait_ms);
    connection.throttled = false;
    GoOnReading(connection);
  });
}

}  // namespace holdfast
