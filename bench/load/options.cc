#include "options.h"

#include <cstdlib>

#include "report.h"

namespace bench {
namespace {

struct Number {
  const char* name;
  uint32_t least;
  uint32_t most;
  uint32_t* value;
};

uint32_t ParseNumber(const Number& option, const char* text) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < option.least || value > option.most) {
    Fail(std::string(option.name) + " " + text + ": expected " + std::to_string(option.least) +
         ".." + std::to_string(option.most));
  }
  return static_cast<uint32_t>(value);
}

}  // namespace

Options ParseOptions(int argc, char** argv) {
  Options options;
  if (argc < 2) Fail("usage: bench_load MODE --port PORT [--name value ...]");
  options.mode = argv[1];
  uint32_t port = 0;
  uint32_t clock_pid = 0;
  const Number numbers[] = {
      {"--port", 1, 65535, &port},
      {"--connections", 1, 100000, &options.connections},
      {"--depth", 1, 1024, &options.depth},
      {"--request-bytes", 1, 65536, &options.request_bytes},
      {"--framed", 0, 1, &options.framed},
      {"--hear-bytes", 1, 1u << 24, &options.hear_bytes},
      {"--warmup-ms", 0, 60000, &options.warmup_ms},
      {"--measure-ms", 1, 600000, &options.measure_ms},
      {"--flooders", 0, 1000, &options.flooders},
      {"--flood-bytes", 1, 65536, &options.flood_bytes},
      {"--clock-pid", 1, 1u << 22, &clock_pid},
      {"--source-net", 0, 250, &options.source_net},
      {"--sources", 1, 62500, &options.sources},
      {"--connections-per-source", 1, 14000, &options.connections_per_source},
      {"--receive-buffer-bytes", 0, 1u << 24, &options.receive_buffer_bytes},
      {"--segment-bytes", 0, 65495, &options.segment_bytes},
      {"--dials-per-second", 10, 1000000, &options.dials_per_second},
      {"--interval-ms", 1, 60000, &options.interval_ms},
  };
  for (int i = 2; i < argc; i += 2) {
    const std::string name = argv[i];
    const Number* match = nullptr;
    for (const Number& number : numbers) {
      if (name == number.name) match = &number;
    }
    if (match == nullptr) Fail("unknown option " + name);
    if (i + 1 >= argc) Fail(name + ": a value is missing");
    *match->value = ParseNumber(*match, argv[i + 1]);
  }
  if (port == 0) Fail("--port is required");
  options.port = static_cast<uint16_t>(port);
  options.clock_pid = static_cast<int32_t>(clock_pid);
  return options;
}

}  // namespace bench
