// Commands of the harness: one word a line on stdin.
#ifndef HOLDFAST_BENCH_LOAD_CONTROL_H
#define HOLDFAST_BENCH_LOAD_CONTROL_H

#include <cstdint>
#include <optional>
#include <string>

#include "options.h"

namespace bench {

// The next command; empty when stdin has ended, which ends the run.
std::string AwaitCommand();
// The same, when one is waiting.
std::optional<std::string> PollCommand();
// All connections are open: what a load that is held says first.
void SayHeld(uint64_t connections);

// The options with the two times of a "measure" command; ends the process on any other.
Options WithTimesOf(const std::string& command, const Options& options);

// Until "close" or the end of stdin: measure(options) for each "measure WARMUP_MS MEASURE_MS", with
// these times.
template <class Measure>
void ObeyMeasure(const Options& options, Measure measure) {
  for (;;) {
    const std::string command = AwaitCommand();
    if (command == "close" || command.empty()) return;
    measure(WithTimesOf(command, options));
  }
}

}  // namespace bench

#endif
