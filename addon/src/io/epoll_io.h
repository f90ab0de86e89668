#pragma once

#ifdef __linux__

#include <uv.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "io/io.h"

namespace holdfast {

// Linux: an epoll descriptor of our own, watched by one uv_poll_t of the loop, and direct accept4,
// recv and send. Sockets are edge-triggered, so pausing, resuming and a blocked send cost no
// epoll_ctl, and a paused socket still reports its death. Listeners are level-triggered: what the
// allowance of a turn leaves in the queue is reported again.
class EpollIo final : public Io {
 public:
  EpollIo(uv_loop_t* loop, IoSink& sink);
  ~EpollIo() override;

  // 0, or a positive errno when the descriptor or the watcher could not be made.
  int Start();

  platform::Outcome Listen(ListenerId, platform::SocketHandle bound, int backlog) override;
  void CloseListener(ListenerId) override;
  void SuspendListener(ListenerId) override;
  void ResumeListener(ListenerId) override;
  bool HasArrival(ListenerId) const override;
  void Collect() override;
  void Receive() override;
  bool HasReady() const override { return next_ < ready_.size() || saturated_; }
  ssize_t Send(Socket&, std::span<const platform::Bytes> pieces) override;
  void AwaitWritable(Socket&, platform::Bytes head) override;
  int Shutdown(Socket&) override;
  void Pause(Socket&) override;
  void Resume(Socket&) override;
  void Close(Socket&, bool reset) override;
  bool ReportsDeathUnread() const override { return true; }
  void Stop(std::function<void()> done) override;

 private:
  int Watch(ListenerId listener, platform::SocketHandle fd);
  void AcceptSome(ListenerId listener, int fd);
  void Note(ConnectionId id, uint32_t events);
  void Enqueue(Socket& socket);
  bool ReceiveOnce(Socket& socket);
  void ReportIfDead(Socket& socket);

  uv_loop_t* const loop_;
  IoSink& sink_;
  int epoll_fd_ = -1;
  uv_poll_t* watcher_ = nullptr;
  bool signalled_ = false;  // the loop saw our descriptor ready
  bool saturated_ = false;  // the kernel had more events than were taken
  bool busy_ = false;       // the last epoll_wait found so much that more is likely there by now
  std::unordered_map<ListenerId, int> listeners_;
  std::vector<ConnectionId> ready_;  // in order of arrival; [next_, round_end_) is this turn's
  size_t next_ = 0;
  size_t round_end_ = 0;
};

}  // namespace holdfast

#endif
