import { expect, it } from 'vitest'
import type { BenchRun, Results } from '../../../bench/harness/results.js'
import { whyNotWhole } from '../../../bench/harness/run-state.js'

const bench = (name: string, state: BenchRun['state'], step?: string): BenchRun => ({
  ...{ name, title: name, rounds: 3, state, seconds: 1 },
  ...(step === undefined ? {} : { step }),
})

it.each([
  ['complete', [bench('echo', 'complete')], undefined],
  ['failed', [bench('echo', 'failed'), bench('loss', 'failed')], 'failed: echo, loss'],
  ['failed', [bench('echo', 'waiting')], 'failed'],
  [
    'interrupted',
    [bench('idle', 'failed'), bench('echo', 'partial', 'round 2 of 3, raw-epoll')],
    'interrupted in echo, round 2 of 3, raw-epoll; failed: idle',
  ],
  ['interrupted', [bench('echo', 'complete'), bench('idle', 'waiting')], 'interrupted'],
  ['running', [bench('echo', 'partial')], 'under way, or killed, in echo'],
] as [Results['state'], BenchRun[], string | undefined][])('%s: %j', (state, benches, why) => {
  expect(whyNotWhole({ state, benches })).toBe(why)
})
