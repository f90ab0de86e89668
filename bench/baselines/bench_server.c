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

// The default of node:net and of holdfast.
#define BACKLOG 511

_Noreturn void fail(const char* call) {
  fprintf(stderr, "%s: %s\n", call, strerror(errno));
  exit(1);
}

int open_listener(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) fail("SO_REUSEADDR");
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(fd, (struct sockaddr*)&address, length) != 0) fail("bind");
  if (listen(fd, BACKLOG) != 0) fail("listen");
  if (getsockname(fd, (struct sockaddr*)&address, &length) != 0) fail("getsockname");
  printf("{\"event\":\"listening\",\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

void answer_control(const struct counters* counters) {
  char text[256];
  ssize_t length = read(STDIN_FILENO, text, sizeof text);
  if (length == 0) exit(0);
  if (length < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    fail("read stdin");
  }
  for (ssize_t i = 0; i < length; i++) {
    if (text[i] != '\n') continue;
    printf("{\"event\":\"stats\",\"accepted\":%" PRIu64 ",\"closed\":%" PRIu64
           ",\"receivedBytes\":%" PRIu64 ",\"sentBytes\":%" PRIu64 "}\n",
           counters->accepted, counters->closed, counters->received_bytes, counters->sent_bytes);
  }
  fflush(stdout);
}
