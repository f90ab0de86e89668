#include "control.h"

#include <iostream>

namespace bench {

std::string AwaitCommand() {
  std::string line;
  if (!std::getline(std::cin, line)) return "";
  return line;
}

}  // namespace bench
