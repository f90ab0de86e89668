// What a million deadlines cost: deadline_cpu wheel|no-deadlines|timers CONNECTIONS SECONDS
#include <cstdlib>
#include <string>

#include "../../load/report.h"
#include "contestants.h"

namespace {

uint32_t ReadCount(const char* text, uint32_t most) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (*end != '\0' || value == 0 || value > most) {
    bench::Fail(std::string(text) + ": expected 1.." + std::to_string(most));
  }
  return static_cast<uint32_t>(value);
}

bench::Figures Run(const std::string& name, const bench::Scale& scale) {
  if (name == "wheel") return bench::RunReactor(scale, true);
  if (name == "no-deadlines") return bench::RunReactor(scale, false);
  if (name == "timers") return bench::RunTimers(scale);
  bench::Fail("unknown contestant " + name);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) bench::Fail("usage: deadline_cpu wheel|no-deadlines|timers CONNECTIONS SECONDS");
  const bench::Scale scale{ReadCount(argv[2], 1'000'000), ReadCount(argv[3], 3600)};
  const bench::Figures figures = Run(argv[1], scale);
  bench::JsonLine("result")
      .Add("deadlineCpuPercent", figures.deadline_cpu_percent)
      .Add("messageNs", figures.message_ns)
      .Add("deadlineBytes", figures.deadline_bytes)
      .Add("messages", figures.messages)
      .Print();
}
