import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { figure } from '../harness/child.js'
import * as contestants from '../harness/contestants.js'
import type { SerialBench } from '../harness/context.js'
import { type Cores, pinned } from '../harness/cores.js'
import { Server } from '../harness/server.js'

const tests = ['ping_inline', 'ping_mbulk', 'set', 'get']
const clients = 50
const pipelined = 16
const benchTimeoutMs = 60_000

const run = promisify(execFile)

/** redis-benchmark on the other core: requests a second, and the server's CPU for each. */
export const resp: SerialBench = {
  name: 'resp',
  title: 'The Redis protocol',
  contestants: [contestants.redis, contestants.respEpoll, contestants.respUv],
  columns: [
    { figure: 'perSecond', title: 'requests/s', digits: 0, relative: true },
    { figure: 'cpuNs', title: 'CPU ns/request', digits: 0, relative: true },
    { figure: 'p50Us', title: 'p50 µs', digits: 0 },
  ],
  async measure(contestant, round, context) {
    const requests = context.quick ? 20_000 : 1_000_000
    await Server.with(contestant, { cores: context.cores }, async (server) => {
      const cpuNs = async () => figure(await server.ask('cpu', 'cpu'), 'cpuNs')
      for (const test of tests) {
        await benchmark(context.cores, server.port, test, requests / 10)
        const before = await cpuNs()
        const measured = await benchmark(context.cores, server.port, test, requests)
        context.samples.add({
          bench: 'resp',
          scenario: test,
          contestant: contestant.name,
          round,
          figures: { ...measured, cpuNs: ((await cpuNs()) - before) / requests },
        })
      }
    })
  },
}

/** One test; redis-benchmark counts the answers itself, and ends with an error for a wrong one. */
async function benchmark(cores: Cores, port: number, test: string, requests: number) {
  const [program = '', ...args] = pinned(cores.load, [
    ...['redis-benchmark', '-p', String(port), '-c', String(clients), '-P', String(pipelined)],
    ...['-n', String(requests), '-t', test, '--csv', '-e'],
  ])
  const { stdout } = await run(program, args, { timeout: benchTimeoutMs })
  // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms", ...
  const row = stdout.split('\n').find((line) => line.startsWith(`"${test.toUpperCase()}"`))
  const cells = row?.split(',').map((cell) => Number(cell.replaceAll('"', ''))) ?? []
  const [, perSecond, , , p50Ms] = cells
  if (!(perSecond !== undefined && perSecond > 0) || p50Ms === undefined) {
    throw new Error(`redis-benchmark said nothing of ${test}: ${stdout}`)
  }
  return { perSecond, p50Us: p50Ms * 1000 }
}
