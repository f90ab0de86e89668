// What a probe and a beat cost: bytes by the standards, CPU as measured. One place, so that a new
// measurement changes one line.

// IEEE 802.3, without preamble, checksum and gap: what a network interface counts.
const ETHERNET_HEADER_BYTES = 14
// RFC 791, 3.1 without options; RFC 8200, 3.
const IP_HEADER_BYTES = { 4: 20, 6: 40 } as const
// RFC 9293, 3.1.
const TCP_HEADER_BYTES = 20
// RFC 7323, 3.2, padded as in its appendix A; Linux uses timestamps where the peer agrees.
const TIMESTAMPS_BYTES = 12

export type IpVersion = keyof typeof IP_HEADER_BYTES

/**
 * A segment without data on an Ethernet: a probe, its answer, an acknowledgement (RFC 9293, 3.8.4).
 * 66 bytes on IPv4, 86 on IPv6.
 */
export function emptyFrameBytes(ipVersion: IpVersion): number {
  return ETHERNET_HEADER_BYTES + IP_HEADER_BYTES[ipVersion] + TCP_HEADER_BYTES + TIMESTAMPS_BYTES
}

/**
 * CPU of a probe and its answer, both ends together and the kernel's timer included, of one core of
 * the machine named below: the median of what `npm run bench -- probes` measured where 9,000 and more
 * were sent a second, by 10,000 to 200,000 connections. With fewer a second it is more, up to 10 µs: a
 * timer that rings for a few is shared by a few.
 */
export const PROBE_CPU_US = 4.6

/**
 * CPU of a beat (ping, answer, acknowledgement) from a handler here to a client in C, both ends, where
 * as many were sent in the same run.
 */
export const BEAT_CPU_US = 25.5

/**
 * Resident memory of the server's process for a connection that is idle, on the epoll Io, its JS
 * object included: `npm run bench -- idle`. What an application keeps for it comes on top.
 */
export const PROCESS_MEMORY_BYTES = 260

/** What the kernel keeps for the server's end of it: half of a pair's, `npm run bench -- idle`. */
export const KERNEL_MEMORY_BYTES = 3810

/** Where these figures come from, printed with every plan; the run is published in bench/results. */
export const COSTS_MEASURED = {
  date: '2026-11-22',
  machine: 'Linux 6.18, Node 20.20.2, two cores of a virtual machine, loopback',
} as const
