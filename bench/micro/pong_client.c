// Opens connections to 127.0.0.1 and sends back what arrives on them: the far end of a heartbeat.
//
//   pong_client PORT CONNECTIONS
//
// Writes a line when all are open, answers each byte on stdin by a line with its CPU time so far in
// ns, and ends when stdin does.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 256

static void Must(int ok, const char* what) {
  if (ok) return;
  fprintf(stderr, "pong_client: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void Watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  Must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static int Dial(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Must(fd >= 0, "socket");
  Must(connect(fd, (struct sockaddr*)&address, sizeof address) == 0, "connect");
  Must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "TCP_NODELAY");
  return fd;
}

static void Answer(int fd) {
  char bytes[512];
  const ssize_t count = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count == 0) {
    close(fd);
    return;
  }
  Must(count > 0 || errno == EAGAIN, "recv");
  // A few bytes into an empty buffer: never short.
  if (count > 0) Must(send(fd, bytes, (size_t)count, MSG_NOSIGNAL) == count, "send");
}

int main(int argc, char** argv) {
  Must(argc == 3, "PORT CONNECTIONS");
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  Must(epoll >= 0, "epoll_create1");
  Watch(epoll, STDIN_FILENO);
  for (int left = atoi(argv[2]); left > 0; left--) Watch(epoll, Dial((uint16_t)atoi(argv[1])));
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("open");
  for (;;) {
    struct epoll_event events[EVENTS_MAX];
    const int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
    Must(count >= 0 || errno == EINTR, "epoll_wait");
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd != STDIN_FILENO) {
        Answer(events[i].data.fd);
        continue;
      }
      char command;
      if (read(STDIN_FILENO, &command, 1) <= 0) return 0;
      struct timespec used;
      Must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0, "clock_gettime");
      printf("%lld\n", used.tv_sec * 1000000000LL + used.tv_nsec);
    }
  }
}
