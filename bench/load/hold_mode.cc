#include <poll.h>

#include <vector>

#include "clocks.h"
#include "control.h"
#include "dialer.h"
#include "echo_client.h"
#include "modes.h"
#include "report.h"

namespace bench {
namespace {

constexpr int kAnswerTimeoutMs = 5000;

// One request and its answer on every held connection: all of them are served, none is a
// stranger's.
void ExchangeOnAll(std::vector<EchoClient>& clients, const StreamPattern& pattern) {
  uint64_t sent = 0, received = 0, sent_checksum = 0, received_checksum = 0;
  for (EchoClient& client : clients) {
    client.Issue();
    client.Send(pattern, NowNs());
    while (!client.IsAnswered()) {
      pollfd wait{client.fd(), POLLIN, 0};
      if (poll(&wait, 1, kAnswerTimeoutMs) == 0) Fail("a held connection was not answered in 5 s");
      client.Receive(pattern, NowNs(), nullptr);
    }
    sent += client.sent_bytes();
    received += client.received_bytes();
    sent_checksum += client.sent_checksum();
    received_checksum += client.received_checksum();
  }
  JsonLine("exchanged")
      .Add("connections", static_cast<uint64_t>(clients.size()))
      .Add("sentBytes", sent)
      .Add("receivedBytes", received)
      .AddChecksum("sentChecksum", sent_checksum)
      .AddChecksum("receivedChecksum", received_checksum)
      .Print();
}

}  // namespace

int RunHold(const Options& options) {
  const StreamPattern pattern;
  const std::vector<int> fds = DialAll(options, options.connections);
  std::vector<EchoClient> clients;
  clients.reserve(fds.size());
  for (uint32_t i = 0; i < fds.size(); i++) {
    clients.emplace_back(fds[i], i, 1, options.request_bytes);
  }
  SayHeld(clients.size());
  for (;;) {
    const std::string command = AwaitCommand();
    if (command == "exchange") {
      ExchangeOnAll(clients, pattern);
    } else if (command == "close" || command.empty()) {
      break;
    } else {
      Fail("unknown command " + command);
    }
  }
  for (EchoClient& client : clients) client.Close();
  JsonLine("closed").Add("connections", static_cast<uint64_t>(clients.size())).Print();
  return 0;
}

}  // namespace bench
