import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { DisconnectCompletion, KeepaliveSettings } from '../../lib/index.js'
import type { Pair } from './lab.js'
import { fdOf } from './sockets.js'
import { testkit } from './testkit.js'

/**
 * The socket goes deaf: its kernel drops every segment that arrives for it, so it acknowledges
 * nothing, answers no probe and resets nothing. To its peer it has vanished. Without privileges, on
 * plain loopback. What it sends is still heard, so this waits until all it has sent is acknowledged:
 * a deaf socket would send that again and again.
 */
export async function deafen(socket: Socket): Promise<void> {
  const fd = fdOf(socket)
  while (testkit.outstanding(fd) > 0) {
    await delay(1)
  }
  testkit.attachDropAllFilter(fd)
}

/** The socket hears again. */
export function undeafen(socket: Socket): void {
  testkit.detachFilter(fdOf(socket))
}

/** The smallest values the kernel takes: a peer that vanished is found within 3 s. */
export const quickKeepalive: KeepaliveSettings = { idleMs: 1_000, intervalMs: 1_000, count: 2 }
export const quickDetectionMs = 3_000

export interface Vanished {
  completion: DisconnectCompletion
  /** From the moment the client went deaf to the end of the cleanup. */
  reportedAfterMs: number
}

/** Resolves when the client is deaf; `reported` then tells what the server makes of it. */
export async function vanish<Data>(pair: Pair<Data>): Promise<{ reported: Promise<Vanished> }> {
  await deafen(pair.client.socket)
  const vanishedAt = performance.now()
  const reported = pair.connection.closed.then((completion) => ({
    completion,
    reportedAfterMs: performance.now() - vanishedAt,
  }))
  return { reported }
}

/** The client goes deaf; resolves when the server has reported it. */
export async function vanishForGood<Data>(pair: Pair<Data>): Promise<Vanished> {
  const { reported } = await vanish(pair)
  return reported
}

// Less than the promise, whose 13 % are for timers of any length: those of a second or a few are less
// than 0.1 s late each, or 0.3 s; the rest is for a busy machine.
const LATE_SHARE = 1.05
const LATE_MS = 1_000
// Timers of the kernel tick each 4 ms or slower, and probes are sent at whole ticks.
const EARLY_MS = 300

/**
 * Reported within `detectionMs` * 1.05 + 1 s of the moment the peer vanished, and not before it had
 * been silent for `detectionMs` - 0.3 s.
 */
export function expectInTime(
  { completion, reportedAfterMs }: Vanished,
  detectionMs: number = quickDetectionMs,
): void {
  expect(reportedAfterMs).toBeLessThanOrEqual(detectionMs * LATE_SHARE + LATE_MS)
  expect(completion.detectedMs).toBeGreaterThanOrEqual(detectionMs - EARLY_MS)
}
