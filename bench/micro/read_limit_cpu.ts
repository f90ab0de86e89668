import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { listen } from '../../lib/index.js'

// CPU of a server while clients flood it that it reads at their limit: what waiting for a quarter of
// a second's bytes is worth (decision 0017).
//
//   npm run build && npx tsx bench/micro/read_limit_cpu.ts [epoll | uv]

const CLIENTS = 1_000
const BYTES_PER_SECOND = 65_536
const WARM_UP_MS = 3_000
const WINDOW_MS = 10_000

const FLOOD = `
  const net = require('node:net')
  const bytes = Buffer.alloc(65536)
  for (let i = 0; i < ${CLIENTS}; i++) {
    const socket = net.connect(Number(process.argv[1]), '127.0.0.1')
    const flood = () => { while (socket.write(bytes)); }
    socket.on('connect', flood).on('drain', flood)
  }
  process.stdin.on('end', () => process.exit()).resume()
`

const io = process.argv[2] ?? 'epoll'
if (io !== 'epoll' && io !== 'uv') throw new Error(`epoll or uv, not ${io}`)
let received = 0
let chunks = 0
await using server = await listen({
  port: 0,
  backlog: 4_096,
  io,
  limits: { readBytesPerSecond: BYTES_PER_SECOND },
  handler: {
    data: (_, chunk) => {
      received += chunk.length
      chunks++
    },
  },
})

const client = spawn(process.execPath, ['-e', FLOOD, String(server.address.port)], {
  stdio: ['pipe', 'inherit', 'inherit'],
})
for (let waitedMs = 0; server.counters.open < CLIENTS; waitedMs += 10) {
  if (waitedMs > 30_000) throw new Error(`${server.counters.open} of ${CLIENTS} came in 30 s`)
  await delay(10)
}
// The bursts are used up by then.
await delay(WARM_UP_MS)
const before = { atMs: performance.now(), cpu: process.cpuUsage(), received, chunks }
await delay(WINDOW_MS)
const { user, system } = process.cpuUsage(before.cpu)
const seconds = (performance.now() - before.atMs) / 1_000
const each = (amount: number): number => amount / seconds / CLIENTS
const bytesEach = each(received - before.received)
// A step of the wheel and a quarter of a second's bytes may fall to either side of the window.
if (Math.abs(bytesEach / BYTES_PER_SECOND - 1) > 0.05) {
  throw new Error(
    `${Math.round(bytesEach)} bytes a second of each, allowed are ${BYTES_PER_SECOND}`,
  )
}
console.log(
  `${io}: ${((user + system) / 1e4 / seconds).toFixed(1)} % of a core, ${each(chunks - before.chunks).toFixed(1)} chunks and ${Math.round(bytesEach)} bytes a second of each of ${CLIENTS}`,
)
client.stdin.end()
await once(client, 'close')
