"""The peer of one connection. Orders come as lines of JSON on stdin, events go as lines of JSON to
stdout, with milliseconds of CLOCK_MONOTONIC. It ends when its stdin does."""

import array
import ctypes
import errno
import fcntl
import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import time

SIOCOUTQ = 0x5411
CLONE_NEWNET = 0x40000000  # linux/sched.h
TCP_REPAIR = 19  # linux/tcp.h; on a socket in repair mode close() sends nothing
READ_BYTES = 1 << 20
CONNECT_S_MAX = 8

selector = selectors.DefaultSelector()
peer = None
received = 0
beat = None  # (bytes, seconds between, time of the next)
sips = None  # (bytes, seconds between, time of the next)
waiting = []  # (order, condition)


def say(event, **fields):
    line = json.dumps({"event": event, "at": time.monotonic() * 1000, **fields})
    os.write(1, line.encode() + b"\n")


def outstanding():
    """Bytes sent and not acknowledged, a FIN not counted (tcp(7), SIOCOUTQ)."""
    value = array.array("i", [0])
    fcntl.ioctl(peer.fileno(), SIOCOUTQ, value, True)
    return value[0]


def connect(order):
    global peer
    family = socket.AF_INET6 if ":" in order["host"] else socket.AF_INET
    deadline = time.monotonic() + CONNECT_S_MAX
    while True:
        peer = socket.socket(family, socket.SOCK_STREAM)
        if order.get("receiveBytes"):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, order["receiveBytes"])
        peer.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            peer.connect((order["host"], order["port"]))
            break
        except OSError as error:
            peer.close()
            # A router's IPv6 is not ready at once after its links are up.
            if error.errno not in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL):
                raise
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    peer.setblocking(False)
    selector.register(peer, selectors.EVENT_READ, "peer")
    # By the process namespace of the /proc that is mounted here, which is not the laboratory's.
    pid = int(os.readlink("/proc/self"))
    say("connected", port=peer.getsockname()[1], procPid=pid)


def read(most):
    global received
    try:
        chunk = peer.recv(most)
    except BlockingIOError:
        return
    except OSError as error:
        listen_to_peer(False)
        say("failed", code=errno.errorcode.get(error.errno, str(error.errno)))
        return
    received += len(chunk)
    if not chunk:
        listen_to_peer(False)
        say("end")


def listen_to_peer(wanted):
    known = peer in [key.fileobj for key in selector.get_map().values()]
    if wanted and not known:
        selector.register(peer, selectors.EVENT_READ, "peer")
    if known and not wanted:
        selector.unregister(peer)


def close(order):
    listen_to_peer(False)
    if order["do"] == "abort":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if order["do"] == "forget":
        peer.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    peer.close()


def leave():
    """For a new network namespace (unshare(2)); the socket stays in the old one."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def send(count):
    peer.setblocking(True)
    peer.sendall(b"y" * count)
    peer.setblocking(False)


def obey(order):
    global beat, sips
    what = order["do"]
    if what == "connect":
        connect(order)
    elif what == "send":
        send(order["bytes"])
    elif what == "beat":
        beat = (order["bytes"], order["everyMs"] / 1000, time.monotonic())
    elif what == "mark":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, order["mark"])
    elif what == "leave":
        leave()
    elif what == "run":
        subprocess.run(order["args"], check=True, timeout=10, stdin=subprocess.DEVNULL)
    elif what == "read":
        listen_to_peer(order["mode"] == "all")
        sips = None
        if order["mode"] == "sips":
            sips = (order["bytes"], order["everyMs"] / 1000, time.monotonic())
    elif what == "shutdown":
        peer.shutdown(socket.SHUT_WR)
    elif what in ("close", "abort", "forget"):
        close(order)
    elif what == "settle":
        waiting.append((what, lambda: outstanding() == 0))
        return
    elif what == "received":
        waiting.append((what, lambda: received >= order["total"]))
        return
    else:
        raise ValueError(f"no order {what}")
    say("done", what=what)


def turn():
    global beat, sips
    for key, _ in selector.select(0.005 if waiting or sips or beat else None):
        if key.data == "peer":
            read(READ_BYTES)
            continue
        text = sys.stdin.readline()
        if not text:
            return False
        obey(json.loads(text))
    if beat and time.monotonic() >= beat[2]:
        beat = (beat[0], beat[1], beat[2] + beat[1])
        send(beat[0])
    if sips and time.monotonic() >= sips[2]:
        sips = (sips[0], sips[1], sips[2] + sips[1])
        read(sips[0])
    for one in [one for one in waiting if one[1]()]:
        waiting.remove(one)
        say("done", what=one[0])
    return True


# Unbuffered, so that select() tells the truth about what is left to read.
sys.stdin = os.fdopen(0, "rb", buffering=0)
selector.register(sys.stdin, selectors.EVENT_READ, "orders")
while turn():
    pass
