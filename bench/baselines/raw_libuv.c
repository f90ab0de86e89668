// The echo server that a careful author writes on libuv in C: uv_tcp_t, one shared receive buffer,
// uv_try_write first, and uv_write with a copy for what the kernel did not take.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "bench_server.h"

static struct counters counters;
static char receive_buffer[RECEIVE_BYTES];

// The rest of a short write; the connection is not read until it is gone.
struct rest {
  uv_write_t request;
  uv_buf_t buffer;
};

static void on_receive(uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer);

static void check(int status, const char* call) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", call, uv_strerror(status));
  exit(1);
}

static void lend_buffer(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  (void)handle;
  (void)suggested;
  *buffer = uv_buf_init(receive_buffer, sizeof receive_buffer);
}

static void on_closed(uv_handle_t* handle) {
  counters.closed++;
  free(handle);
}

static void close_connection(uv_stream_t* stream) {
  if (!uv_is_closing((uv_handle_t*)stream)) uv_close((uv_handle_t*)stream, on_closed);
}

static void on_rest_sent(uv_write_t* request, int status) {
  struct rest* rest = (struct rest*)request;
  uv_stream_t* stream = request->handle;
  if (status == 0) {
    counters.sent_bytes += rest->buffer.len;
    uv_read_start(stream, lend_buffer, on_receive);
  } else {
    close_connection(stream);
  }
  free(rest->buffer.base);
  free(rest);
}

static void send_rest(uv_stream_t* stream, const char* bytes, size_t length) {
  struct rest* rest = malloc(sizeof *rest);
  char* copy = malloc(length);
  if (rest == NULL || copy == NULL) abort();
  memcpy(copy, bytes, length);
  rest->buffer = uv_buf_init(copy, (unsigned)length);
  uv_read_stop(stream);
  check(uv_write(&rest->request, stream, &rest->buffer, 1, on_rest_sent), "uv_write");
}

static void on_receive(uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer) {
  if (length == 0) return;
  if (length < 0) {
    close_connection(stream);
    return;
  }
  counters.received_bytes += (uint64_t)length;
  uv_buf_t echo = uv_buf_init(buffer->base, (unsigned)length);
  int sent = uv_try_write(stream, &echo, 1);
  if (sent < 0) {
    if (sent != UV_EAGAIN) {
      close_connection(stream);
      return;
    }
    sent = 0;
  }
  counters.sent_bytes += (uint64_t)sent;
  if (sent < length) send_rest(stream, buffer->base + sent, (size_t)(length - sent));
}

static void on_connection(uv_stream_t* listener, int status) {
  check(status, "connection");
  uv_tcp_t* connection = malloc(sizeof *connection);
  if (connection == NULL) abort();
  check(uv_tcp_init(listener->loop, connection), "uv_tcp_init");
  check(uv_accept(listener, (uv_stream_t*)connection), "uv_accept");
  counters.accepted++;
  check(uv_read_start((uv_stream_t*)connection, lend_buffer, on_receive), "uv_read_start");
}

static void on_control(uv_poll_t* control, int status, int events) {
  (void)control;
  (void)events;
  check(status, "stdin");
  answer_control(&counters, NULL);
}

int main(void) {
  uv_loop_t* loop = uv_default_loop();
  uv_tcp_t listener;
  uv_poll_t control;
  check(uv_tcp_init(loop, &listener), "uv_tcp_init");
  check(uv_tcp_open(&listener, open_listener(DEFAULT_BACKLOG, false)), "uv_tcp_open");
  check(uv_listen((uv_stream_t*)&listener, DEFAULT_BACKLOG, on_connection), "uv_listen");
  check(uv_poll_init(loop, &control, STDIN_FILENO), "uv_poll_init");
  check(uv_poll_start(&control, UV_READABLE | UV_DISCONNECT, on_control), "uv_poll_start");
  return uv_run(loop, UV_RUN_DEFAULT);
}
