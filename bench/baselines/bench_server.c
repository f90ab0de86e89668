#include "bench_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Noreturn void fail(const char* call) {
  fprintf(stderr, "%s: %s\n", call, strerror(errno));
  exit(1);
}

void set_keepalive(int fd) {
  const int idle_s = 60, interval_s = 10, count = 6, on = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) != 0) {
    fail("setsockopt");
  }
}

int open_listener(int backlog, bool with_keepalive) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) fail("SO_REUSEADDR");
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(fd, (struct sockaddr*)&address, length) != 0) fail("bind");
  // Before the first child can wait in the queue.
  if (with_keepalive) set_keepalive(fd);
  if (listen(fd, backlog) != 0) fail("listen");
  if (getsockname(fd, (struct sockaddr*)&address, &length) != 0) fail("getsockname");
  printf("{\"event\":\"listening\",\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void answer(const char* line, const struct counters* counters, void (*send_message)(void)) {
  if (send_message != NULL && strncmp(line, "send", 4) == 0) {
    send_message();
    printf("{\"event\":\"sent\"}\n");
    return;
  }
  printf("{\"event\":\"stats\",\"accepted\":%" PRIu64 ",\"closed\":%" PRIu64
         ",\"receivedBytes\":%" PRIu64 ",\"sentBytes\":%" PRIu64 "}\n",
         counters->accepted, counters->closed, counters->received_bytes, counters->sent_bytes);
}

// The harness waits for each answer, so that what is read are whole lines.
void answer_control(const struct counters* counters, void (*send_message)(void)) {
  char text[256];
  ssize_t length = read(STDIN_FILENO, text, sizeof text);
  if (length == 0) exit(0);
  if (length < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    fail("read stdin");
  }
  const char* line = text;
  for (ssize_t i = 0; i < length; i++) {
    if (text[i] != '\n') continue;
    answer(line, counters, send_message);
    line = text + i + 1;
  }
  fflush(stdout);
}
