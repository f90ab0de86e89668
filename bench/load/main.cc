// Load generator for the benchmarks: one thread, one epoll instance, one JSON line per result.
#include <sys/prctl.h>

#include <csignal>

#include "modes.h"
#include "options.h"
#include "report.h"

int main(int argc, char** argv) {
  // Never outlives the harness, even one that is killed.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const bench::Options options = bench::ParseOptions(argc, argv);
  if (options.mode == "echo") return bench::RunEcho(options);
  if (options.mode == "http") return bench::RunHttp(options);
  if (options.mode == "accept") return bench::RunAccept(options);
  if (options.mode == "hold") return bench::RunHold(options);
  if (options.mode == "hear") return bench::RunHear(options);
  if (options.mode == "silent") return bench::RunSilent(options);
  if (options.mode == "vanish") return bench::RunVanish(options);
  if (options.mode == "storm") return bench::RunStorm(options);
  if (options.mode == "paced") return bench::RunPaced(options);
  if (options.mode == "fleet") return bench::RunFleet(options);
  if (options.mode == "drip") return bench::RunDrip(options);
  if (options.mode == "resets") return bench::RunResets(options);
  if (options.mode == "deaf") return bench::RunDeaf(options);
  if (options.mode == "flood") return bench::RunFlood(options);
  bench::Fail("unknown mode " + options.mode);
}
