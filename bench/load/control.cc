#include "control.h"

#include <poll.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <iostream>

#include "report.h"

namespace bench {

std::string AwaitCommand() {
  std::string line;
  if (!std::getline(std::cin, line)) return "";
  return line;
}

std::optional<std::string> PollCommand() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (std::cin.rdbuf()->in_avail() <= 0 && poll(&input, 1, 0) <= 0) return std::nullopt;
  return AwaitCommand();
}

void SayHeld(uint64_t connections) {
  JsonLine("held").Add("connections", connections).Print();
}

Options WithTimesOf(const std::string& command, const Options& options) {
  Options result = options;
  const char* format = "measure %" SCNu32 " %" SCNu32;
  if (std::sscanf(command.c_str(), format, &result.warmup_ms, &result.measure_ms) != 2) {
    Fail("unknown command " + command);
  }
  return result;
}

}  // namespace bench
