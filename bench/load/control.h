// Commands of the harness: one word a line on stdin.
#ifndef HOLDFAST_BENCH_LOAD_CONTROL_H
#define HOLDFAST_BENCH_LOAD_CONTROL_H

#include <cstdint>
#include <optional>
#include <string>

namespace bench {

// The next command; empty when stdin has ended, which ends the run.
std::string AwaitCommand();
// The same, when one is waiting.
std::optional<std::string> PollCommand();
// All connections are open: what a load that is held says first.
void SayHeld(uint64_t connections);

}  // namespace bench

#endif
