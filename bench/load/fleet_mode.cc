#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "control.h"
#include "fleet.h"
#include "modes.h"
#include "report.h"

namespace bench {
namespace {

constexpr unsigned long kConnectionsMax = 1'000'000;

// "WORD N": N of that word; nothing when it is another one.
std::optional<uint32_t> NumberOf(const std::string& command, const char* word) {
  const size_t length = std::strlen(word);
  if (command.compare(0, length, word) != 0 || command[length] != ' ') return std::nullopt;
  const unsigned long number = std::strtoul(command.c_str() + length, nullptr, 10);
  if (number > kConnectionsMax) Fail(command + ": expected 0..1000000");
  return static_cast<uint32_t>(number);
}

void Report(const char* event, const Fleet& fleet, uint64_t done, const Dialled& failed) {
  JsonLine(event)
      .Add("done", done)
      .Add("open", uint64_t{fleet.open()})
      .Add("endedByServer", fleet.ended_by_server())
      .Add("resetByServer", fleet.reset_by_server())
      .Add("pings", fleet.pings())
      .Add("errno", static_cast<uint64_t>(failed.error))
      .Add("failure", failed.error == 0 ? std::string()
                                        : std::string(failed.call) + ": " + strerror(failed.error))
      .Print();
}

void Obey(const std::string& command, Fleet& fleet) {
  constexpr Dialled kNothingFailed{-1, 0, ""};
  if (const auto count = NumberOf(command, "dial")) {
    const uint32_t before = fleet.open();
    const Dialled failed = fleet.Dial(*count);
    Report("dialled", fleet, fleet.open() - before, failed);
  } else if (const auto ending = NumberOf(command, "close")) {
    Report("ended", fleet, fleet.End(*ending, false), kNothingFailed);
  } else if (const auto resetting = NumberOf(command, "reset")) {
    Report("ended", fleet, fleet.End(*resetting, true), kNothingFailed);
  } else if (const auto picked = NumberOf(command, "exchange")) {
    fleet.Exchange(*picked);
    Report("exchanged", fleet, *picked, kNothingFailed);
  } else if (command == "status") {
    Report("status", fleet, 0, kNothingFailed);
  } else {
    Fail("unknown command " + command);
  }
}

}  // namespace

int RunFleet(const Options& options) {
  Fleet fleet(options);
  for (;;) {
    if (!fleet.Turn(-1)) continue;
    const std::string command = AwaitCommand();
    if (command.empty()) return 0;
    Obey(command, fleet);
  }
}

}  // namespace bench
