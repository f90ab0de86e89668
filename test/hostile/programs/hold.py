"""Opens connections and keeps them: hold.py PORT. Orders come as lines of JSON on stdin, answers go
as lines of JSON to stdout. `siege` tries one after the other until the next order, and is answered
when the first was reset; `lift` stops that, `leave` closes all that are held. Each connection sends
a line, and counts as held when it comes back, as refused when it is reset."""

import json
import select
import socket
import sys

ANSWER_S_MAX = 20
ATTEMPTS_MAX = 1_000_000

address = ("127.0.0.1", int(sys.argv[1]))
held = []
refused = 0


def attempt():
    client = socket.socket()
    client.settimeout(ANSWER_S_MAX)
    try:
        client.connect(address)
        client.sendall(b"hold\n")
        if client.recv(64) != b"hold\n":
            raise SystemExit("neither an answer nor a reset")
        held.append(client)
        return True
    except (ConnectionResetError, BrokenPipeError):
        client.close()
        return False


def answer(word):
    value = {"held": len(held), "refused": refused}
    print(json.dumps({"word": f"done {word}", "value": value}), flush=True)


def siege():
    global refused
    for _ in range(ATTEMPTS_MAX):
        if select.select([sys.stdin], [], [], 0)[0]:
            return
        if not attempt():
            refused += 1
            if refused == 1:
                answer("siege")


while True:
    word = json.loads(sys.stdin.readline())["word"]
    if word == "siege":
        siege()
        continue
    if word == "leave":
        for client in held:
            client.close()
    answer(word)
    if word == "leave":
        break
