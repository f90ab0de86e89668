"""Asks for much and reads nothing: never_reading.py PORT CLIENTS ROUNDS. In each round every client
asks for 64 KiB more. Ends when the server has ended all of them, which is told by a hangup. Small
segments and a small receive buffer: the kernel keeps little of what is not read."""

import json
import select
import socket
import sys
import time

SEGMENT_BYTES = 1400
RECEIVE_BUFFER_BYTES = 8192
ASK = b"get 65536\n"
ENDED = select.POLLRDHUP | select.POLLHUP | select.POLLERR
ALL_ENDED_S_MAX = 60
ROUND_S = 0.01

address = ("127.0.0.1", int(sys.argv[1]))
rounds = int(sys.argv[3])
clients = {}
hangups = select.poll()


def dial():
    client = socket.socket()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    client.connect(address)
    clients[client.fileno()] = client
    hangups.register(client, ENDED)


def ask():
    for client in clients.values():
        try:
            client.send(ASK, socket.MSG_DONTWAIT)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the hangup is counted below


def drop_ended(wait_s):
    for fd, _ in hangups.poll(wait_s * 1000):
        hangups.unregister(fd)
        clients.pop(fd).close()


for _ in range(int(sys.argv[2])):
    dial()
deadline = time.monotonic() + ALL_ENDED_S_MAX
while clients:
    if time.monotonic() > deadline:
        raise SystemExit(f"{len(clients)} were not ended within {ALL_ENDED_S_MAX} s")
    if rounds > 0:
        ask()
        rounds -= 1
    drop_ended(ROUND_S)
print(json.dumps({"word": "over", "value": int(sys.argv[2])}), flush=True)
