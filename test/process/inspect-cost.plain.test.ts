import { expect } from 'vitest'
import { Child, io, WELL } from '../support/process-child.js'
import { sideBySide } from '../support/process-scope.js'

const CONNECTIONS = 5_000

// The first rounds pay for V8's compiler, up to twice as much as later ones.
const WARM_UP_ROUNDS = 10
const ROUNDS = 15

// Measured in warm rounds: 0.8 to 1.4 times conn.info(), the latter with ten programs waiting for each
// core.
const RATIO_MAX = 1.75

// The server and its clients in one process: the ends of 5,000 connections are 10,000 descriptors.
const SCRIPT = `
  import net from 'node:net'
  import { listen } from './dist/index.js'
  const server = await listen({ port: 0, io: '${io}', handler: {} })
  const dial = () => new Promise((resolve, reject) => {
    net.connect(server.address.port, '127.0.0.1').once('connect', resolve).once('error', reject)
  })
  for (let dialled = 0; dialled < ${CONNECTIONS}; dialled += 100) {
    await Promise.all(Array.from({ length: 100 }, dial))
  }
  while (server.counters.open < ${CONNECTIONS}) await new Promise((resolve) => setImmediate(resolve))
  const cpuUs = (work) => {
    const { user, system } = process.cpuUsage()
    work()
    const after = process.cpuUsage()
    return after.user - user + after.system - system
  }
  const bulk = []
  const single = []
  let rows = []
  for (let round = 0; round < ${WARM_UP_ROUNDS + ROUNDS}; round++) {
    const bulkUs = cpuUs(() => { rows = server.inspect() })
    const singleUs = cpuUs(() => { for (const connection of server.connections) connection.info() })
    if (round < ${WARM_UP_ROUNDS}) continue
    bulk.push(bulkUs)
    single.push(singleUs)
  }
  const timers = rows.filter(({ timer }) => timer?.kind === 'keepalive').length
  console.log(JSON.stringify({ rows: rows.length, timers, bulk, single }))
  process.exit()
`

// 100,000 connections in 300 ms are 3 µs for each. CPU time instead of the clock, and against
// conn.info() of the same connections in the same rounds, so that a busy machine changes little. The
// fastest round of each: the collector and other programs can only add.
sideBySide(
  'server.inspect() costs about as much as conn.info() of each connection, and tells timers besides',
  async () => {
    const child = new Child(['--input-type=module', '-e', SCRIPT], { abrupt: true })
    const { stdout, ...ended } = await child.ended
    expect(ended).toEqual(WELL)
    const { rows, timers, bulk, single } = JSON.parse(stdout)
    expect({ rows, timers }).toEqual({ rows: CONNECTIONS, timers: CONNECTIONS })
    expect([bulk.length, single.length]).toEqual([ROUNDS, ROUNDS])
    expect(Math.min(...bulk)).toBeLessThan(RATIO_MAX * Math.min(...single))
  },
  60_000,
)
