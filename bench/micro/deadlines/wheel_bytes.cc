#include <vector>

#include "../../load/report.h"
#include "contestants.h"
#include "measure.h"
#include "net/connection.h"

namespace bench {
namespace {

// What a connection holds for its deadlines: its place in the wheel, and what it did last.
struct Entry {
  holdfast::WheelNode node;
  holdfast::Activity activity;
};

struct Nodes {
  std::vector<Entry>* entries;
  holdfast::WheelNode& operator()(uint32_t index) { return (*entries)[index].node; }
};

}  // namespace

// All of them come due in one tick: the wheel's own list is then the longest it can be.
double MeasureWheelBytes(uint32_t deadlines) {
  const uint64_t before = HeapBytes();
  std::vector<Entry> entries(deadlines);
  holdfast::Wheel<Nodes> wheel({&entries});
  for (uint32_t index = 0; index < deadlines; index++) wheel.Schedule(index, 1200);
  uint32_t fired = 0;
  wheel.Advance(1200, [&fired](uint32_t) { fired++; });
  if (fired != deadlines) Fail("deadlines were lost");
  return static_cast<double>(HeapBytes() - before) / deadlines;
}

}  // namespace bench
