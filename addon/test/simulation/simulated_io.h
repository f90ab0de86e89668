#pragma once

#include <map>
#include <optional>
#include <vector>

#include "io/io.h"
#include "simulation/model.h"
#include "simulation/network.h"

namespace holdfast::simulation {

// The two ways in which an Io may work, each a bundle of what io.h leaves open. With callbacks (as
// UvIo) bytes are received while the loop polls, AwaitWritable sends by itself, OnClosed comes
// later, and a socket that nobody reads from is not watched. Without (as EpollIo) all of it happens
// in Collect and Receive, at once.
enum class Manner : uint8_t { kCollects, kCallsBack };

class SimulatedIo final : public Io {
 public:
  SimulatedIo(IoSink& sink, Manner manner, Random* random, Network* network, Model* model);

  // While the loop waits: what has become ready is noticed.
  void Poll();
  // After the turn: OnClosed of those closed in an earlier one.
  void AnswerClosed(bool all);
  size_t held() const { return sockets_.size() + closing_.size() + listeners_.size(); }

  platform::Outcome Listen(ListenerId, platform::SocketHandle bound, int backlog) override;
  void CloseListener(ListenerId) override;
  void SuspendListener(ListenerId) override;
  void ResumeListener(ListenerId) override;
  bool HasArrival(ListenerId listener) const override {
    return WaitingAt(listeners_.at(listener)) > 0;
  }
  void Collect() override;
  void Receive() override;
  bool HasReady() const override;
  ssize_t Send(Socket&, std::span<const platform::Bytes> pieces) override;
  void AwaitWritable(Socket&, platform::Bytes head) override;
  int Shutdown(Socket&) override;
  void Pause(Socket&) override;
  void Resume(Socket&) override;
  void Close(Socket&, bool reset) override;
  bool ReportsDeathUnread() const override { return manner_ == Manner::kCollects; }
  void Stop(std::function<void()> done) override;

 private:
  struct Watched {
    ConnectionId id;
    bool paused = false;
    bool read_closed = false;
    bool awaits = false;  // OnWritable was asked for
    bool queued = false;  // stands in ready_
    std::optional<platform::Bytes> lent;
    size_t lent_sent = 0;
  };
  struct Gate {
    platform::SocketHandle door = platform::kNoSocket;
    bool suspended = false;
  };

  void AcceptSome(ListenerId listener);
  size_t WaitingAt(const Gate& gate) const { return network_.FindDoor(gate.door)->waiting.size(); }
  bool MayReceive(const Watched& watched, const Pipe& pipe) const;
  bool ReceiveOnce(Watched& watched, Pipe& pipe, Socket& socket);
  void OfferRoom(Watched& watched, Pipe& pipe);
  void SendLent(Watched& watched, Pipe& pipe);
  void Enqueue(platform::SocketHandle handle, Watched& watched);
  size_t Take(Pipe& pipe, platform::Bytes bytes);
  Watched* WatchedAt(platform::SocketHandle handle);

  IoSink& sink_;
  const Manner manner_;
  Random& random_;
  Network& network_;
  Model& model_;
  std::map<ListenerId, Gate> listeners_;
  std::map<platform::SocketHandle, Watched> sockets_;
  std::vector<platform::SocketHandle> ready_;
  std::vector<Watched> closing_;
  bool gates_full_ = false;  // arrivals wait behind a used-up allowance
  bool starved_ = false;     // the batch was full for somebody
};

}  // namespace holdfast::simulation
