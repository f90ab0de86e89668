"""Connects and resets, one after the other: reset_storm.py PORT COUNT [--tolls]. Every second
connection has sent something before. With --tolls, after each 250 a connection is made as it should
be and waits for its answer: the server accepts in order, so all those before it have been accepted,
and its queue of arrivals (511 by default) never overflows, in which case the kernel would drop some
that the server never sees."""

import json
import socket
import struct
import sys

RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # socket(7), SO_LINGER
BETWEEN_TOLLS = 250
ANSWER_S_MAX = 20


def reset(address, number):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        try:
            client.connect(address)
            if number % 2:
                client.send(b"hello")
        except (ConnectionResetError, BrokenPipeError):
            pass  # refused: the server's reset came first


def toll(address):
    with socket.create_connection(address, ANSWER_S_MAX) as client:
        client.sendall(b"toll\n")
        heard = b""
        while heard != b"toll\n":
            piece = client.recv(64)
            if not piece:
                raise SystemExit(f"the server ended after {heard}")
            heard += piece


address = ("127.0.0.1", int(sys.argv[1]))
count = int(sys.argv[2])
pays_tolls = "--tolls" in sys.argv[3:]
tolls = 0
for number in range(count):
    reset(address, number)
    if pays_tolls and number % BETWEEN_TOLLS == BETWEEN_TOLLS - 1:
        toll(address)
        tolls += 1
print(json.dumps({"word": "over", "value": {"resets": count, "tolls": tolls}}), flush=True)
