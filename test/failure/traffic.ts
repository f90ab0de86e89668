import type { KeepaliveSettings } from '../../lib/index.js'
import type { Step, Traffic } from './scenario.js'

// The policies and the traffic that scenarios share. Two scenarios with the same objects differ in
// their cut alone, so that one can be the control of the other.

/** The smallest the kernel takes: 3 s. A peer is asked after 1 s of silence. */
export const QUICK: KeepaliveSettings = { idleMs: 1_000, intervalMs: 1_000, count: 2 }

/** 5 s, for cuts that take a while themselves: a second of theirs decides nothing. */
export const STEADY: KeepaliveSettings = { idleMs: 1_000, intervalMs: 1_000, count: 4 }

/** 6 s, so that a user timeout has room to decide before the clock. */
export const PATIENT: KeepaliveSettings = { idleMs: 4_000, intervalMs: 1_000, count: 2 }

export const USER_TIMEOUT: KeepaliveSettings = { ...PATIENT, userTimeoutMs: 2_000 }

// More than the send buffer and a small receive buffer together, less than maxQueuedBytes.
const MORE_THAN_BUFFERS = 8 * 1024 * 1024
const SMALL_RECEIVE_BYTES = 16 * 1024

export const IDLE: Traffic = { name: 'idle' }

export const IN_FLIGHT: Traffic = {
  name: 'data in flight',
  after: [{ at: 'server', do: 'write', bytes: 1_000 }],
}

/** More than the congestion window: some of it is in flight, the rest has to wait. */
export const MUCH_IN_FLIGHT: Traffic = {
  name: 'much data in flight',
  after: [{ at: 'server', do: 'write', bytes: MORE_THAN_BUFFERS }],
}

export const FIN_IN_FLIGHT: Traffic = {
  name: 'our FIN in flight',
  after: [{ at: 'server', do: 'end' }],
}

export const WINDOW_CLOSED: Traffic = {
  name: 'window closed',
  peerReceiveBytes: SMALL_RECEIVE_BYTES,
  before: [
    { at: 'peer', do: 'read', mode: 'nothing' },
    { at: 'server', do: 'write', bytes: MORE_THAN_BUFFERS },
    { at: 'server', until: 'window-closed' },
  ],
}

/** The same, where the closing of the window is the event. */
export const WINDOW_CLOSES: Traffic = {
  name: 'window closes',
  peerReceiveBytes: SMALL_RECEIVE_BYTES,
  before: [{ at: 'peer', do: 'read', mode: 'nothing' }],
  after: [{ at: 'server', do: 'write', bytes: MORE_THAN_BUFFERS }],
}

/** It reads some 20 kB a second of 8 MiB: alive, and far behind. */
export const SLOW_READER: Traffic = {
  name: 'a slow reader',
  peerReceiveBytes: SMALL_RECEIVE_BYTES,
  before: [
    { at: 'peer', do: 'read', mode: 'sips', bytes: 10_000, everyMs: 500 },
    { at: 'server', do: 'write', bytes: MORE_THAN_BUFFERS },
  ],
}

/** The peer has sent FIN, and the server keeps its own half open. */
export const HALF_CLOSED: Traffic = {
  name: 'half-closed by the peer',
  allowHalfOpen: true,
  before: [
    { at: 'peer', do: 'shutdown' },
    { at: 'server', until: 'close-wait' },
  ],
}

export const HALF_CLOSED_THEN_DATA: Traffic = {
  ...HALF_CLOSED,
  name: 'half-closed by the peer, then data of ours',
  after: [{ at: 'server', do: 'write', bytes: 100 }],
}

/** What the server sent has arrived, and the peer's process has not read it. */
export const UNREAD: Traffic = {
  name: 'data the peer has not read',
  before: [
    { at: 'peer', do: 'read', mode: 'nothing' },
    { at: 'server', do: 'write', bytes: 1_000 },
    { at: 'server', until: 'acknowledged' },
  ],
}

export const PAUSED = paused(IDLE)
export const PAUSED_IN_FLIGHT = paused(IN_FLIGHT)
export const PAUSED_WINDOW_CLOSED = paused(WINDOW_CLOSED)
export const PAUSED_HALF_CLOSED = paused(HALF_CLOSED)

/** Paused, with bytes of the peer's in the kernel that the handler does not take. */
export const PAUSED_UNREAD: Traffic = {
  name: 'idle, paused, with unread bytes',
  before: [
    { at: 'server', do: 'pause' },
    { at: 'peer', do: 'send', bytes: 500 },
  ],
}

/** The same with the server's handler paused before the cut. */
export function paused(traffic: Traffic): Traffic {
  const pause: Step = { at: 'server', do: 'pause' }
  return {
    ...traffic,
    name: `${traffic.name}, paused`,
    before: [...(traffic.before ?? []), pause],
  }
}
