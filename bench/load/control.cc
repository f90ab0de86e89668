#include "control.h"

#include <poll.h>
#include <unistd.h>

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

}  // namespace bench
