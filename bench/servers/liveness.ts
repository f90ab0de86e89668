import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Connection, type KeepaliveInput, listen } from 'holdfast'
import { type Counters, say, serveControl } from '../baselines/control.js'

const { values } = parseArgs({
  options: {
    io: { type: 'string', default: 'auto' },
    /** IDLE,INTERVAL,COUNT in ms, ms and probes; or off. */
    keepalive: { type: 'string', default: 'off' },
  },
})

const block = Buffer.alloc(4096, 'x')
const push = Buffer.alloc(64, 'p')

const counters: Counters & { blocked: number; drained: number } = {
  accepted: 0,
  closed: 0,
  receivedBytes: 0,
  sentBytes: 0,
  blocked: 0,
  drained: 0,
}

/** Rings often, so only while connections end; the longest delay is how long others had to wait. */
const loopDelay = monitorEventLoopDelay({ resolution: 20 })

/** One line for each completion since the last time they were asked for. */
interface Ending {
  readonly atMs: number
  readonly detectedMs: number | null
  readonly how: string
}
let endings: Ending[] = []

function policy(text: string): KeepaliveInput {
  if (text === 'off') return 'off'
  const [idleMs = 0, intervalMs = 0, count = 0] = text.split(',').map(Number)
  return { idleMs, intervalMs, count }
}

/** CLOCK_MONOTONIC, which the load generator reads too. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Until the kernel takes no more, and two blocks wait behind. */
function fill(conn: Connection): void {
  let taking = true
  while (taking) {
    counters.sentBytes += block.length
    taking = conn.write(block)
  }
  counters.blocked++
}

function pushTo(conn: Connection): void {
  conn.write(push)
  counters.sentBytes += push.length
}

/**
 * For 10,000 connections in four seconds. What is done to all of them in one instant is followed by
 * timers of the kernel that ring in one instant, and the queue of loopback takes 1,000 segments.
 */
async function inSlices(use: (conn: Connection) => void): Promise<void> {
  const slice = 100
  const all = [...server.connections]
  for (let at = 0; at < all.length; at += slice) {
    all.slice(at, at + slice).forEach(use)
    await sleep(40)
  }
}

function survey(): void {
  let outstanding = 0
  let silentMsMax = 0
  for (const conn of server.connections) {
    const info = conn.info()
    if (info === null || info.tcp === null) continue
    if ((info.tcp.unackedSegments ?? 0) + (info.tcp.notSentBytes ?? 0) > 0) outstanding++
    silentMsMax = Math.max(silentMsMax, info.silentMs ?? 0)
  }
  say({ event: 'survey', outstanding, silentMsMax })
}

const server = await listen({
  port: 0,
  io: values.io as 'auto' | 'epoll' | 'uv',
  keepalive: policy(values.keepalive),
  highWatermarkBytes: block.length,
  lowWatermarkBytes: 0,
  handler: {
    open() {
      counters.accepted++
    },
    data(_conn, chunk) {
      counters.receivedBytes += chunk.length
    },
    drain(conn) {
      counters.blocked--
      counters.drained++
      fill(conn)
    },
    close(_conn, { reason, detectedMs, evidence }) {
      counters.closed++
      endings.push({ atMs: nowMs(), detectedMs, how: `${reason} by ${evidence.decidedBy}` })
    },
  },
})

serveControl(server.address.port, () => counters, {
  async 'fill-slowly'() {
    await inSlices(fill)
    say({ event: 'filling' })
  },
  push() {
    for (const conn of server.connections) pushTo(conn)
    say({ event: 'pushed' })
  },
  async 'push-slowly'() {
    await inSlices(pushTo)
    say({ event: 'pushed' })
  },
  survey,
  'watch-the-loop'() {
    loopDelay.reset()
    loopDelay.enable()
    say({ event: 'watching' })
  },
  endings() {
    loopDelay.disable()
    say({ event: 'endings', endings, stallMs: loopDelay.max / 1e6 })
    endings = []
  },
})
