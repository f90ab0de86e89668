// Commands from the harness: one word a line on stdin.
#ifndef HOLDFAST_BENCH_LOAD_CONTROL_H
#define HOLDFAST_BENCH_LOAD_CONTROL_H

#include <string>

namespace bench {

// Waits for the next line; empty at the end of stdin, so a held load ends with the harness.
std::string AwaitCommand();

}  // namespace bench

#endif
