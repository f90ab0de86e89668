import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, listen } from '../../lib/index.js'
import { nativeDirectory } from '../harness/paths.js'

// CPU of one beat of an application's heartbeat, both ends: a ping from a handler in JavaScript, an
// answer from a client in C, its acknowledgement. What a keepalive probe (probe_cpu.c) is compared
// with in a plan.
//
//   cmake -S bench -B build/bench && cmake --build build/bench && npx tsx bench/micro/beat_cpu.ts

const CONNECTIONS = 9_000
const TICK_MS = 10
// Each connection beats once a second, and never all at once.
const BEATS_PER_TICK = CONNECTIONS / (1_000 / TICK_MS)
const ROUNDS = 5
const ROUND_BEATS = 3 * CONNECTIONS
const WARM_UP_BEATS = CONNECTIONS

const connections: Connection[] = []
let answered = 0
await using server = await listen({
  port: 0,
  backlog: 4_096,
  keepalive: false,
  handler: {
    open: (connection) => connections.push(connection),
    data: (_, chunk) => {
      answered += chunk.length / 'ping\n'.length
    },
  },
})

const client = spawn(
  path.join(nativeDirectory, 'pong_client'),
  [String(server.address.port), String(CONNECTIONS)],
  { stdio: ['pipe', 'pipe', 'inherit'] },
)
const lines = createInterface(client.stdout)[Symbol.asyncIterator]()

async function nextLine(): Promise<string> {
  const { value, done } = await lines.next()
  if (done === true) throw new Error('pong_client ended')
  return value
}

/** CPU of this process and of the client so far. */
async function usedUs(): Promise<number> {
  const { user, system } = process.cpuUsage()
  client.stdin.write('?')
  return user + system + Number(await nextLine()) / 1_000
}

let next = 0

async function beat(beats: number): Promise<void> {
  const goal = answered + beats
  for (let sent = 0; sent < beats; sent += BEATS_PER_TICK) {
    for (let i = 0; i < BEATS_PER_TICK; i++) {
      connections[next]?.write('ping\n')
      next = (next + 1) % CONNECTIONS
    }
    await delay(TICK_MS)
  }
  for (let waitedMs = 0; answered < goal; waitedMs += TICK_MS) {
    if (waitedMs > 10_000) throw new Error(`${goal - answered} beats were not answered in 10 s`)
    await delay(TICK_MS)
  }
}

if ((await nextLine()) !== 'open') throw new Error('pong_client did not open its connections')
while (connections.length < CONNECTIONS) await delay(TICK_MS)
await beat(WARM_UP_BEATS)
const beatUs: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  const before = await usedUs()
  await beat(ROUND_BEATS)
  beatUs.push(((await usedUs()) - before) / ROUND_BEATS)
}
beatUs.sort((a, b) => a - b)
const [least = 0, median = 0, most = 0] = [0, (ROUNDS - 1) / 2, ROUNDS - 1].map((at) => beatUs[at])
console.log(
  `beat: median ${median.toFixed(1)} us, ${least.toFixed(1)} to ${most.toFixed(1)}, ${ROUNDS} rounds of ${ROUND_BEATS} beats over ${CONNECTIONS} connections; ${answered} answered`,
)
client.stdin.end()
await once(client, 'close')
