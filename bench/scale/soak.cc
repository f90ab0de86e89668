// What the machine did for others, interrupts and soft interrupts included.
//
// A thread on each core, under SCHED_IDLE, reads the clock again and again. Whatever took the core
// from it shows as a gap between two readings, and the sum of the gaps is what others had:
// processes, the timer interrupt, and the kernel's work for timers and packets that is in no
// process's time. A kernel that accounts by ticks (CONFIG_TICK_CPU_ACCOUNTING) cannot tell: work
// that begins with a tick is over before the next one.
//
// Obeys "read GROUP ...", a GROUP being pids with commas between them: the sum of their CPU clocks.
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "../load/clocks.h"
#include "../load/control.h"
#include "../load/machine_time.h"
#include "../load/report.h"

namespace {

using bench::NowNs;

// Two readings are some 30 ns apart; an interrupt that does nothing takes a microsecond.
constexpr uint64_t kGapNs = 300;

struct alignas(64) Core {
  int number;
  std::atomic<uint64_t> taken_ns{0};
  std::atomic<uint64_t> last_ns{0};
};

void* Soak(void* argument) {
  Core& core = *static_cast<Core*>(argument);
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core.number, &set);
  const int error = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  const sched_param none{};
  if (error != 0 || sched_setscheduler(0, SCHED_IDLE, &none) != 0) bench::Fail("SCHED_IDLE");
  uint64_t taken_ns = 0;
  for (uint64_t last_ns = NowNs();;) {
    const uint64_t now_ns = NowNs();
    if (now_ns - last_ns > kGapNs) {
      taken_ns += now_ns - last_ns;
      core.taken_ns.store(taken_ns, std::memory_order_relaxed);
    }
    last_ns = now_ns;
    core.last_ns.store(now_ns, std::memory_order_relaxed);
  }
}

std::vector<std::unique_ptr<Core>> StartSoaking() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) bench::FailErrno("sched_getaffinity");
  std::vector<std::unique_ptr<Core>> cores;
  for (int number = 0; number < CPU_SETSIZE; number++) {
    if (!CPU_ISSET(number, &allowed)) continue;
    cores.push_back(std::make_unique<Core>());
    cores.back()->number = number;
    cores.back()->last_ns = NowNs();
    pthread_t thread;
    if (pthread_create(&thread, nullptr, Soak, cores.back().get()) != 0) bench::Fail("a thread");
  }
  return cores;
}

// The gap under way included, which lasts as long as others want the core.
uint64_t TakenOf(const Core& core, uint64_t now_ns) {
  const uint64_t last_ns = core.last_ns.load(std::memory_order_relaxed);
  const uint64_t taken_ns = core.taken_ns.load(std::memory_order_relaxed);
  return now_ns > last_ns + kGapNs ? taken_ns + now_ns - last_ns : taken_ns;
}

uint64_t CpuOf(const std::string& group) {
  uint64_t sum_ns = 0;
  std::istringstream pids(group);
  for (std::string pid; std::getline(pids, pid, ',');) {
    sum_ns += bench::ReadClockNs(bench::CpuClockOf(std::atoi(pid.c_str())));
  }
  return sum_ns;
}

void Read(std::istringstream& groups, const std::vector<std::unique_ptr<Core>>& cores) {
  bench::JsonLine line("reading");
  uint64_t taken_ns = 0;
  const uint64_t now_ns = NowNs();
  for (const auto& core : cores) taken_ns += TakenOf(*core, now_ns);
  line.Add("wallNs", now_ns).Add("takenNs", taken_ns);
  line.Add("stolenNs", bench::ReadMachineTime().stolen_ns);
  int number = 0;
  for (std::string group; groups >> group; number++) {
    line.Add(("group" + std::to_string(number) + "Ns").c_str(), CpuOf(group));
  }
  line.Print();
}

}  // namespace

int main() {
  // Never outlives the harness, even one that is killed.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto cores = StartSoaking();
  bench::JsonLine("soaking").Add("cores", static_cast<uint64_t>(cores.size())).Print();
  for (;;) {
    const std::string command = bench::AwaitCommand();
    if (command.empty()) std::_Exit(0);
    std::istringstream words(command);
    std::string word;
    words >> word;
    if (word != "read") bench::Fail("unknown command " + command);
    Read(words, cores);
  }
}
