import { describe, expect, test } from 'vitest'
import type { RefusalCause } from '../../lib/index.js'
import { connect, connectMany } from '../support/process-clients.js'
import { straceMissing } from '../support/process-strace.js'
import { exchangeLines } from './exchange.js'
import { type Fault, Injection } from './fault.js'
import { startServer } from './server.js'

const SERVED = 10
const ARRIVALS = 10
// Attempts of accepting that fails are 100 ms apart; a busy loop's clock makes the first seem late.
// Without a rest they would be some hundredths of a millisecond apart.
const REST_MS_LEAST = 50
const RESTS = 9

const missing = await straceMissing()

interface Row extends Omit<Fault, 'call' | 'times'> {
  times: number
  refused: Partial<Record<RefusalCause, number>>
}

const rows: Row[] = [
  // With the descriptor that is kept for this one of them is accepted after all, and reset.
  { error: 'EMFILE', times: 1, refused: { emfile: 1 } },
  { error: 'ENFILE', times: 1, refused: { emfile: 1 } },
  // That one fails as well: whoever waits is accepted when it is tried again.
  { error: 'EMFILE', times: 2, refused: {} },
  { error: 'ENFILE', times: 4, refused: {} },
  { error: 'ENOBUFS', times: 3, refused: {} },
  { error: 'ENOMEM', times: 3, refused: {} },
  // Of one arrival, or of none: the next is asked for.
  { error: 'ECONNABORTED', times: 3, refused: {} },
  { error: 'EPROTO', times: 3, refused: {} },
  { error: 'EPERM', times: 3, refused: {} },
  { error: 'EINTR', times: 3, refused: {} },
]

function titleOf({ error, times, refused }: Row): string {
  const count = 'emfile' in refused ? 'one is refused and counted' : 'nobody is refused'
  return `${error}${times > 1 ? `, ${times} times` : ''}: ${count}, the others are served`
}

describe.skipIf(missing !== '')('accept4 fails on a live server', () => {
  test.for(rows.map((row) => [titleOf(row), row] as const))(
    '%s',
    async ([, { error, times, refused }]) => {
      const server = await startServer({})
      const served = await connectMany(server.port, SERVED)
      await exchangeLines(served)
      const injection = await Injection.begin(server.pid, { call: 'accept4', error, times })
      const arrivals = await Promise.allSettled(
        Array.from({ length: ARRIVALS }, () => connect(server.port)),
      )
      await injection.happened()
      await exchangeLines(served)
      const answers = await Promise.allSettled(
        arrivals.map(async (arrival) => {
          if (arrival.status === 'rejected') throw arrival.reason
          await arrival.value.exchange('hello\n')
        }),
      )
      await injection.end()
      const expected = Object.values(refused).reduce((sum, count) => sum + count, 0)
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(
        ARRIVALS - expected,
      )
      const { counters } = await server.tell()
      expect(counters.open).toBe(SERVED + ARRIVALS - expected)
      expect(counters.refused).toMatchObject({ emfile: 0, memory: 0, ...refused })
      for (const client of served) client.socket.end()
      for (const arrival of arrivals) {
        if (arrival.status === 'fulfilled') arrival.value.socket.end()
      }
      await server.close()
    },
  )

  // Without a descriptor the reserve is tried at once: two calls an attempt.
  test.for([
    ['ENOMEM', 1],
    ['ENOBUFS', 1],
    ['EMFILE', 2],
    ['ENFILE', 2],
  ] as const)(
    '%s for as long as it lasts: accepting rests between its attempts, nobody is refused, and it resumes by itself',
    async ([error, calls]) => {
      const server = await startServer({})
      const served = await connectMany(server.port, SERVED)
      await exchangeLines(served)
      const injection = await Injection.begin(server.pid, { call: 'accept4', error })
      const arrivals = await connectMany(server.port, ARRIVALS)
      await injection.happened(calls * (RESTS + 1))
      await exchangeLines(served)
      const atMs = injection.injected.map((call) => call.atMs)
      await injection.end()
      await exchangeLines(arrivals)
      const rests = Math.floor(atMs.length / calls) - 1
      const elapsedMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0)
      expect(elapsedMs).toBeGreaterThanOrEqual(rests * REST_MS_LEAST)
      for (const client of [...served, ...arrivals]) client.socket.end()
      const { counters, ends } = await server.close()
      expect(counters.arrived).toBe(SERVED + ARRIVALS)
      expect(ends).toEqual({ 'peer-end': SERVED + ARRIVALS })
    },
  )
})
