// CPU of one keepalive probe and its answer, both ends, on loopback.
//
//   cmake -S bench -B build/bench && cmake --build build/bench && build/bench/probe_cpu
//
// As root, 20 s. Built with the load generator, so that it does not rot.
//
// The kernel sends keepalive probes from a timer, in no process's name, and counts their time by
// ticks that miss it. Leaving TCP_REPAIR sends the same segment (tcp_xmit_probe_skb) from a system
// call: probe, answer and the receipt of both then run on this thread's CPU clock. Leaving it
// without a probe (TCP_REPAIR_OFF_NO_WP) is what is subtracted. Not included: the timer itself.
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// As many sockets as a busy server has in its caches: none. Under the descriptor limit of 20,000.
#define PAIRS 9000
#define PASSES 15
// A peer answers out-of-window segments of one connection each 500 ms only (tcp_invalid_ratelimit).
#define PAUSE_MS 600
// linux/tcp.h, which does not go together with netinet/tcp.h.
#define REPAIR_ON 1
#define REPAIR_OFF 0
#define REPAIR_OFF_NO_PROBE (-1)

static void Must(int ok, const char* what) {
  if (ok) return;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static const char kExtended[] = "/proc/thread-self/net/netstat";
static const char kBasic[] = "/proc/thread-self/net/snmp";

static int64_t ThreadNs(void) {
  struct timespec now;
  Must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0, "clock_gettime");
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// A counter of nstat(8), from a file of pairs of lines: names, then values.
static long long Counter(const char* path, const char* name) {
  static char names[8192], values[8192];
  FILE* file = fopen(path, "re");
  Must(file != NULL, path);
  long long found = -1;
  while (found < 0 && fgets(names, sizeof names, file) && fgets(values, sizeof values, file)) {
    char *name_at, *value_at;
    char *one = strtok_r(names, " \n", &name_at), *value = strtok_r(values, " \n", &value_at);
    for (; one && value && found < 0;
         one = strtok_r(NULL, " \n", &name_at), value = strtok_r(NULL, " \n", &value_at)) {
      if (strcmp(one, name) == 0) found = atoll(value);
    }
  }
  fclose(file);
  Must(found >= 0, name);
  return found;
}

// A namespace of its own, so that the counters are those of this program alone.
static void EnterOwnNetwork(void) {
  Must(unshare(CLONE_NEWNET) == 0, "unshare: root is needed");
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  Must(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0, "lo up");
  close(fd);
}

static void Connect(int* clients, int* servers) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  Must(bind(listener, (struct sockaddr*)&address, size) == 0, "bind");
  Must(listen(listener, 16) == 0, "listen");
  Must(getsockname(listener, (struct sockaddr*)&address, &size) == 0, "getsockname");
  for (int i = 0; i < PAIRS; i++) {
    clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    Must(connect(clients[i], (struct sockaddr*)&address, sizeof address) == 0, "connect");
    servers[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    Must(servers[i] >= 0, "accept4");
  }
  close(listener);
}

// CPU per socket of entering and leaving repair on each of them.
static double PassUs(const int* servers, int leave) {
  const int enter = REPAIR_ON;
  const int64_t start = ThreadNs();
  for (int i = 0; i < PAIRS; i++) {
    Must(setsockopt(servers[i], IPPROTO_TCP, TCP_REPAIR, &enter, sizeof enter) == 0, "repair on");
    Must(setsockopt(servers[i], IPPROTO_TCP, TCP_REPAIR, &leave, sizeof leave) == 0, "repair off");
  }
  return (double)(ThreadNs() - start) / 1e3 / PAIRS;
}

static int Ascending(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(void) {
  static int clients[PAIRS], servers[PAIRS];
  static double probe_us[PASSES];
  const struct rlimit descriptors = {2 * PAIRS + 64, 2 * PAIRS + 64};
  Must(setrlimit(RLIMIT_NOFILE, &descriptors) == 0, "setrlimit");
  EnterOwnNetwork();
  Connect(clients, servers);
  const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
  const long long probes_before = Counter(kExtended, "TCPWinProbe");
  const long long segments_before = Counter(kBasic, "OutSegs");
  for (int pass = 0; pass < PASSES; pass++) {
    nanosleep(&pause, NULL);
    const double without_us = PassUs(servers, REPAIR_OFF_NO_PROBE);
    nanosleep(&pause, NULL);
    probe_us[pass] = PassUs(servers, REPAIR_OFF) - without_us;
  }
  nanosleep(&pause, NULL);
  const long long probes = Counter(kExtended, "TCPWinProbe") - probes_before;
  const long long answers = Counter(kBasic, "OutSegs") - segments_before - probes;
  qsort(probe_us, PASSES, sizeof *probe_us, Ascending);
  printf("probe and answer: median %.2f us, %.2f to %.2f, %d passes over %d connections\n",
         probe_us[PASSES / 2], probe_us[0], probe_us[PASSES - 1], PASSES, PAIRS);
  printf("probes %lld and answers %lld of %d\n", probes, answers, PASSES * PAIRS);
  return probes == (long long)PASSES * PAIRS && answers == probes ? 0 : 1;
}
