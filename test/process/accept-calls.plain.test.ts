import { describe, expect, it } from 'vitest'
import { io } from '../support/process-child.js'
import { connectMany } from '../support/process-clients.js'
import { startScenario } from '../support/process-scenario.js'
import { countCalls, Strace, straceMissing } from '../support/process-strace.js'

const ACCEPTS = 500

const missing = await straceMissing()

/** What the main thread asked of the kernel while it accepted that many connections. */
async function countAccepting(inherit: 'auto' | 'never'): Promise<Record<string, number>> {
  const child = startScenario(
    async ({ load, say, io: kind, input }) => {
      const { listen } = await load()
      const [how, total] = input as ['auto' | 'never', number]
      const server = await listen({
        port: 0,
        io: kind,
        inherit: how,
        handler: {
          open() {
            if (server.counters.open === total) {
              say('all', server.keepalive)
            }
          },
        },
      })
      say('port', server.address.port)
    },
    [inherit, ACCEPTS],
  )
  const port = await child.heard<number>('port')
  const strace = await Strace.attach(child.pid, { everyThread: false })
  await connectMany(port, ACCEPTS)
  const { source, verified } = await child.heard<{ source: string; verified: boolean }>('all')
  const counts = countCalls(await strace.detach())
  expect(counts.accept4).toBeGreaterThanOrEqual(ACCEPTS)
  expect(verified).toBe(true)
  expect(source).toBe(inherit === 'auto' ? 'inherited' : 'per-socket')
  return counts
}

// Depends on how many arrive at a time; libuv of Node 22 and later also watches through io_uring.
const varying = io === 'uv' ? /^(epoll_|io_uring_)/ : /^epoll_p?wait/

/** What was called about once for each connection. */
function perConnection(counts: Record<string, number>): string[] {
  const often = Object.entries(counts).filter(([, count]) => count >= ACCEPTS / 2)
  return often
    .map(([name]) => name)
    .filter((name) => !varying.test(name))
    .sort()
}

const accepting = io === 'uv' ? ['accept4', 'ioctl'] : ['accept4', 'epoll_ctl']

describe.skipIf(missing !== '')('system calls of an accept', () => {
  it('with inherited keepalive: to accept and to watch', { timeout: 60_000 }, async () => {
    const counts = await countAccepting('auto')
    expect(perConnection(counts)).toEqual(accepting)
    expect(counts.setsockopt ?? 0).toBe(0)
    // The first connection shows what is inherited: six options, read back once.
    expect(counts.getsockopt ?? 0).toBeLessThanOrEqual(6)
    expect(counts.epoll_ctl ?? 0).toBeLessThan(ACCEPTS + 10)
  })

  // The control: the same witness, the same load, and the calls are seen.
  it('with keepalive socket by socket: to set every option too', { timeout: 60_000 }, async () => {
    const counts = await countAccepting('never')
    expect(perConnection(counts)).toEqual([...accepting, 'setsockopt'])
    expect(counts.setsockopt).toBeGreaterThanOrEqual(5 * ACCEPTS)
    expect(counts.getsockopt ?? 0).toBeLessThanOrEqual(6)
  })
})
