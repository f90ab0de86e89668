// The floor every other server is compared with: an echo server on level-triggered epoll that does
// one recv and one send per ready socket and turn, and keeps nothing per connection but an unsent
// rest. It sets no keepalive unless it is told to: it owes nobody anything.
//
// raw_epoll [--keepalive off|inherited|per-socket] [--backlog N] [--bytes N]
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_server.h"

#define EVENTS_PER_TURN 1024
// Arrivals taken per turn, so that a storm of them cannot starve the others; holdfast's default.
#define ACCEPTS_PER_TURN 256
// The limit of descriptors a process; a descriptor above it is refused by closing it.
#define MAX_DESCRIPTORS 65536
#define MAX_MESSAGE_BYTES 65536

// What one short send left over. While it waits, the connection is not read: that is the whole
// back-pressure of this server.
struct unsent {
  uint8_t* bytes;
  size_t offset;
  size_t length;
};

static struct unsent unsent[MAX_DESCRIPTORS];
static bool is_open[MAX_DESCRIPTORS];
static int highest_fd;
static struct counters counters;
static int epoll_fd;

static enum { OFF, INHERITED, PER_SOCKET } keepalive = OFF;
static int backlog = DEFAULT_BACKLOG;
static size_t message_bytes = 64;

static void watch(int operation, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll_fd, operation, fd, &event) != 0) fail("epoll_ctl");
}

static void accept_ready(int listener) {
  for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN) return;
      if (errno == ECONNABORTED || errno == EINTR) continue;
      fail("accept4");
    }
    counters.accepted++;
    if (fd >= MAX_DESCRIPTORS) {
      close(fd);
      counters.closed++;
      continue;
    }
    if (keepalive == PER_SOCKET) set_keepalive(fd);
    watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    is_open[fd] = true;
    if (fd > highest_fd) highest_fd = fd;
  }
}

static void close_connection(int fd) {
  free(unsent[fd].bytes);
  unsent[fd] = (struct unsent){0};
  is_open[fd] = false;
  close(fd);
  counters.closed++;
}

static void keep_rest(int fd, const uint8_t* bytes, size_t length) {
  uint8_t* copy = malloc(length);
  if (copy == NULL) fail("malloc");
  memcpy(copy, bytes, length);
  unsent[fd] = (struct unsent){.bytes = copy, .offset = 0, .length = length};
  watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
}

static void receive_and_echo(int fd) {
  static uint8_t bytes[RECEIVE_BYTES];
  ssize_t received = recv(fd, bytes, sizeof bytes, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) {
    close_connection(fd);
    return;
  }
  counters.received_bytes += (uint64_t)received;
  ssize_t sent = send(fd, bytes, (size_t)received, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) {
      close_connection(fd);
      return;
    }
    sent = 0;
  }
  counters.sent_bytes += (uint64_t)sent;
  if (sent < received) keep_rest(fd, bytes + sent, (size_t)(received - sent));
}

static void send_rest(int fd) {
  struct unsent* rest = &unsent[fd];
  ssize_t sent = send(fd, rest->bytes + rest->offset, rest->length - rest->offset, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) close_connection(fd);
    return;
  }
  counters.sent_bytes += (uint64_t)sent;
  rest->offset += (size_t)sent;
  if (rest->offset < rest->length) return;
  free(rest->bytes);
  *rest = (struct unsent){0};
  watch(EPOLL_CTL_MOD, fd, EPOLLIN);
}

// What load/hear_mode.cc expects: one message on each connection, the rest of which waits as that
// of an echo does. A message is only sent when the one before it has been heard by all.
static void send_to_all(void) {
  static uint8_t message[MAX_MESSAGE_BYTES];
  for (size_t i = 0; i < message_bytes; i++) message[i] = (uint8_t)(i * 31 % 251);
  for (int fd = 0; fd <= highest_fd; fd++) {
    if (!is_open[fd]) continue;
    if (unsent[fd].bytes != NULL) fail("send to one that has not heard the message before");
    ssize_t sent = send(fd, message, message_bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      close_connection(fd);
      continue;
    }
    if (sent < 0) sent = 0;
    counters.sent_bytes += (uint64_t)sent;
    if ((size_t)sent < message_bytes) keep_rest(fd, message + sent, message_bytes - (size_t)sent);
  }
}

static void read_options(int argc, char** argv) {
  for (int i = 1; i < argc; i += 2) {
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--keepalive") == 0 && strcmp(value, "off") == 0)
      keepalive = OFF;
    else if (strcmp(argv[i], "--keepalive") == 0 && strcmp(value, "inherited") == 0)
      keepalive = INHERITED;
    else if (strcmp(argv[i], "--keepalive") == 0 && strcmp(value, "per-socket") == 0)
      keepalive = PER_SOCKET;
    else if (strcmp(argv[i], "--backlog") == 0 && atoi(value) > 0)
      backlog = atoi(value);
    else if (strcmp(argv[i], "--bytes") == 0 && atoi(value) > 0 && atoi(value) <= MAX_MESSAGE_BYTES)
      message_bytes = (size_t)atoi(value);
    else {
      fprintf(stderr, "unknown option %s %s\n", argv[i], value);
      exit(2);
    }
  }
}

int main(int argc, char** argv) {
  static struct epoll_event events[EVENTS_PER_TURN];
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) fail("epoll_create1");
  read_options(argc, argv);
  int listener = open_listener(backlog, keepalive == INHERITED);
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  watch(EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN);
  for (;;) {
    int count = epoll_wait(epoll_fd, events, EVENTS_PER_TURN, -1);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener)
        accept_ready(listener);
      else if (fd == STDIN_FILENO)
        answer_control(&counters, send_to_all);
      else if (unsent[fd].bytes != NULL)
        send_rest(fd);
      else
        receive_and_echo(fd);
    }
  }
}
