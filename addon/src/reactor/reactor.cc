#include "reactor/reactor.h"

#include <algorithm>

#include "base/check.h"
#include "io/epoll_io.h"
#include "io/uv_io.h"
#include "reactor/uv_loop.h"

namespace holdfast {

namespace {
uint64_t Secret() {
  uint64_t secret = 0;
  HF_CHECK(uv_random(nullptr, nullptr, &secret, sizeof(secret), 0, nullptr) == 0);
  return secret;
}

// Under load the next batch is ready when this one is flushed, and a flush itself brings about
// drains and ends. After this many turns the other handles of the loop are served.
constexpr int kTurnsPerPoll = 4;
}  // namespace

// One turn: accept and note what is ready, receive once from each socket, make one call into the
// host with all of it, send what the host wrote. False when there was nothing to report.
bool Reactor::Turn() {
  // Before anything is received: what found no room in the last batch must find it however full
  // the batches are.
  ReportDue();
  ReportRefusals();
  ReportDrained();
  io_->Collect();
  io_->Receive();
  ReportRefusals();
  if (!Deliver()) return false;
  Flush();
  return true;
}

void Reactor::AfterPoll() {
  if (!turn_due_ || stopping_) return;
  turn_due_ = false;
  RetryAccepting();
  LookAtClocks();
  ReleaseThrottled();
  for (int turn = 0; turn < kTurnsPerPoll; ++turn) {
    const bool told = Turn();
    // Also after a turn of which nothing was told: it may have accepted clients behind proxies.
    for (const auto& [id, listener] : listeners_) listener->accepted_this_turn = 0;
    if (!told) break;
  }
  CloseDrained();
  JudgeDeadlines();
}

// One call into the host with the whole batch.
bool Reactor::Deliver() {
  if (completions_.empty()) return false;
  const uint32_t count = completions_.count();
  // What a flush of the host brings about meanwhile is reported in the next batch.
  delivering_ = true;
  host_.Deliver(count, completions_.slab_bytes());
  delivering_ = false;
  if (stopping_) return false;
  HF_CHECK(completions_.count() == count);
  completions_.Clear();
  ShareReceiveBytes(count);
  Retire();
  return true;
}

// Sends what was written since the last turn, by timers and promises.
void Reactor::BeforePoll() {
  if (stopping_) return;
  Flush();
  if (HasWork()) turn_due_ = true;
  loop_->KeepTurning(turn_due_);
  loop_->WakeAt(NextWakeMs());
}

bool Reactor::HasWork() const {
  return io_->HasReady() || !completions_.empty() || !due_.empty() || !looks_due_.empty() ||
         refusals_due_ || drained_due_;
}

std::optional<uint64_t> Reactor::NextWakeMs() const {
  std::optional<uint64_t> next = accept_retry_ms_;
  const auto release = intakes_ ? intakes_->NextTick() : std::nullopt;
  for (const auto tick : {wheel_.NextTick(), deadlines_.NextTick(), release}) {
    if (!tick) continue;
    const uint64_t at_ms = *tick * kTickMs;
    if (!next || at_ms < *next) next = at_ms;
  }
  return next;
}

void Reactor::Flush() {
  if (submissions_.empty()) return;
  const uint32_t malformed =
      submissions_.Drain([this](const Submission& submission) { Apply(submission); });
  HF_CHECK(malformed == 0);
}

Reactor::Reactor(uv_loop_t* loop, const SharedMemory& memory, Host& host)
    : Reactor(std::make_unique<UvLoop>(loop), Secret(), memory, host) {
  uv_loop_ = loop;
}

Reactor::Reactor(std::unique_ptr<Loop> loop, uint64_t seed, const SharedMemory& memory, Host& host)
    : loop_(std::move(loop)),
      host_(host),
      completions_(memory.completions, memory.receive_slab),
      submissions_(memory.submissions, memory.submit_slab, memory.control),
      queued_bytes_(memory.queued_bytes),
      wants_drain_(memory.wants_drain),
      throttles_(memory.throttles),
      connections_(static_cast<uint32_t>(std::min<size_t>(kMaxConnections, queued_bytes_.size()))),
      wheel_(LookNodes{&connections_}, NowMs() / kTickMs),
      deadlines_(DeadlineNodes{&connections_}, NowMs() / kTickMs),
      reserve_(platform::OpenReserve()),
      seed_(seed) {
  loop_->Start({[this] { BeforePoll(); }, [this] { AfterPoll(); }, [this] { turn_due_ = true; }});
}

Reactor::~Reactor() {
  HF_CHECK(stopping_);
  if (reserve_ != platform::kNoSocket) platform::Close(reserve_);
}

int Reactor::Start(IoKind kind) {
  IoSink& sink = *this;
#ifdef __linux__
  if (kind == IoKind::kEpoll) {
    auto io = std::make_unique<EpollIo>(uv_loop_, sink);
    const int error = io->Start();
    io_ = std::move(io);
    return error;
  }
#endif
  HF_CHECK(kind == IoKind::kUv);
  io_ = std::make_unique<UvIo>(uv_loop_, sink);
  return 0;
}

void Reactor::Start(const std::function<std::unique_ptr<Io>(IoSink&)>& make) {
  io_ = make(*this);
}

void Reactor::Stop(std::function<void()> done) {
  Flush();
  stopping_ = true;
  for (const auto& [id, listener] : listeners_) io_->CloseListener(id);
  connections_.ForEach([this](Connection& connection) {
    if (connection.IsClosing()) return;
    Move(connection, ConnectionState::kClosing);
    io_->Close(connection.socket, false);
  });
  io_->Stop([this, done = std::move(done)]() mutable { loop_->Stop(std::move(done)); });
}

}  // namespace holdfast
