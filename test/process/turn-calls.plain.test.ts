import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { io } from '../support/process-child.js'
import { connectMany } from '../support/process-clients.js'
import { startScenario } from '../support/process-scenario.js'
import { type Call, Strace, straceMissing } from '../support/process-strace.js'
import { until } from '../support/wait.js'

const CLIENTS = 100
const receive = io === 'uv' ? 'read' : 'recvfrom'
const send = io === 'uv' ? 'write' : 'sendto'

const missing = await straceMissing()

/**
 * What the main thread asks of the kernel when one message of each client waits for it. They are
 * sent while the process is stopped, so that one poll finds them all. Each is answered by `pieces`
 * writes.
 */
async function answerAtOnce(pieces: number): Promise<Call[]> {
  const child = startScenario(async ({ load, say, io: kind, input }) => {
    const { listen } = await load()
    const server = await listen({
      port: 0,
      io: kind,
      handler: {
        open() {
          if (server.counters.open === 100) {
            say('all')
          }
        },
        data(connection, chunk) {
          for (let piece = 0; piece < (input as number); piece++) {
            connection.write(chunk)
          }
        },
      },
    })
    say('port', server.address.port)
  }, pieces)
  const clients = await connectMany(await child.heard<number>('port'), CLIENTS)
  await child.heard('all')
  child.kill('SIGSTOP')
  await until(() => stateOf(child.pid) === 'T', 'the process is stopped')
  for (const { socket } of clients) {
    socket.write('ping')
  }
  const strace = await Strace.attach(child.pid, { everyThread: false })
  child.kill('SIGCONT')
  await Promise.all(clients.map((client) => client.hear(4 * pieces)))
  expect(clients.map(({ received }) => received)).toEqual(clients.map(() => 'ping'.repeat(pieces)))
  return strace.detach()
}

/** proc(5): the letter after the name in parentheses. */
function stateOf(pid: number): string | undefined {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]
}

describe.skipIf(missing !== '')('system calls of a turn', () => {
  it.each([
    { name: 'one write', pieces: 1 },
    { name: '16 writes, merged', pieces: 16 },
  ])('receives once from each ready socket, then sends once to each: $name', async ({ pieces }) => {
    const calls = await answerAtOnce(pieces)
    const receives = calls.filter(({ name, text }) => name === receive && /"ping|EAGAIN/.test(text))
    const sends = calls.filter(({ name, text }) => name === send && /"ping|EAGAIN/.test(text))
    expect([receives.length, sends.length]).toEqual([CLIENTS, CLIENTS])
    // All of them were received before the first handler ran, and answered after the last one.
    expect(calls.indexOf(sends[0] as Call)).toBeGreaterThan(calls.indexOf(receives.at(-1) as Call))
  })
})
