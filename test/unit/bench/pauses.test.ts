import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type Pause, takePauses } from '../../../bench/baselines/pauses.js'
import type { Contestant } from '../../../bench/harness/contestants.js'
import { Pauses } from '../../../bench/harness/pauses.js'
import type { Server } from '../../../bench/harness/server.js'

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

test('a collection is told with its moment on the monotonic clock, and once', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  takePauses()
  const fromMs = nowMs()
  collect()
  const untilMs = nowMs()
  const pauses: Pause[] = []
  for (let turns = 0; turns < 1000 && !pauses.some(isWithin); turns++) {
    await nextTurn()
    pauses.push(...takePauses())
  }
  function isWithin([beganAtMs, durationMs]: Pause): boolean {
    // The two clocks are read one after the other.
    return beganAtMs > fromMs - 1 && beganAtMs + durationMs < untilMs + 1 && durationMs > 0
  }
  expect(pauses.filter(isWithin)).not.toEqual([])
  expect(takePauses().filter(isWithin)).toEqual([])
})

function serverThatTells(...answers: Pause[][]): Server {
  return { ask: async () => ({ event: 'pauses', pauses: answers.shift() }) } as unknown as Server
}

const onNode = { tellsPauses: true } as Contestant
const window = { event: 'window', beganAtNs: 5_000e6, wallNs: 100e6 }

test('pauses that began in a window count, of all windows of a sample', async () => {
  const before: Pause[] = [[5050, 9]]
  const during: Pause[] = [
    [4999, 4],
    [5000, 1],
    [5099, 2.5],
    [5100, 8],
  ]
  const pauses = new Pauses(onNode, serverThatTells(before, during, [], [[5001, 0.5]], [], []))
  for (let windows = 0; windows < 2; windows++) {
    await pauses.begin()
    await pauses.take(window)
  }
  expect(pauses.hand()).toEqual({ gcPauses: 3, gcPauseMsTotal: 4, gcPauseMsMax: 2.5 })
  await pauses.begin()
  await pauses.take(window)
  expect(pauses.hand()).toEqual({ gcPauses: 0, gcPauseMsTotal: 0, gcPauseMsMax: 0 })
})

test('a server without garbage collection is not asked', async () => {
  const pauses = new Pauses({} as Contestant, serverThatTells())
  await pauses.begin()
  await pauses.take(window)
  expect(pauses.hand()).toEqual({})
})
