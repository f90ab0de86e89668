import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { connectMany, exchangeAll } from '../support/process-clients.js'
import { sideBySide } from '../support/process-scope.js'
import { serving, stop } from '../support/process-serve.js'
import { type Call, Strace, straceMissing } from '../support/process-strace.js'

const ASLEEP_MS = 5_000
// V8 tidies its heap up to eight seconds after the last work, and asks once more after that.
const SETTLED_WITHIN_MS = 40_000
const TIMEOUT_MS = 60_000

const missing = await straceMissing()

describe.skipIf(missing !== '')('no system call in 5 s', () => {
  sideBySide('with 1000 connections that never said a word', () => sleeps(false), TIMEOUT_MS)
  sideBySide('with 1000 connections that exchanged a message each', () => sleeps(true), TIMEOUT_MS)
})

async function sleeps(exchanged: boolean): Promise<void> {
  const { child, port } = await serving('--quiet', '--keepalive', 'cloud-lb')
  const clients = await connectMany(port, 1000)
  if (exchanged) {
    await exchangeAll(clients)
  }
  const strace = await Strace.attach(child.pid, { everyThread: true })
  await settled(strace)
  // The control: the witness sees one message come and go.
  await clients[500]?.exchange('wake up')
  const calls = await strace.detach()
  const read = calls.findIndex((call) => isReceive(call) && call.text.includes('wake up'))
  expect(calls[read]?.thread).toBe(child.pid)
  expect(calls.slice(read).some((call) => isSend(call) && call.text.includes('wake up'))).toBe(true)
  // Before it no thread of the process had entered the kernel for this long.
  expect(longestPauseMs(calls.slice(0, read + 1))).toBeGreaterThan(ASLEEP_MS)
  await stop(child)
}

/** Until the last call seen is long enough ago. */
async function settled(strace: Strace): Promise<void> {
  const attachedMs = Date.now()
  for (;;) {
    const lastMs = strace.calls.at(-1)?.atMs ?? attachedMs
    const leftMs = lastMs + ASLEEP_MS + 200 - Date.now()
    if (leftMs <= 0) {
      return
    }
    if (Date.now() > attachedMs + SETTLED_WITHIN_MS) {
      const last = strace.calls.slice(-20).map(({ text }) => text)
      throw new Error(`never asleep for ${ASLEEP_MS} ms; the last calls:\n${last.join('\n')}`)
    }
    await delay(leftMs)
  }
}

/** The longest time in which no system call began. */
function longestPauseMs(calls: readonly Call[]): number {
  const times = calls.map(({ atMs }) => atMs).sort((a, b) => a - b)
  return Math.max(...times.slice(1).map((atMs, index) => atMs - (times[index] as number)))
}

function isReceive({ name }: Call): boolean {
  return name === 'recvfrom' || name === 'read'
}

function isSend({ name }: Call): boolean {
  return name === 'sendto' || name === 'write'
}
