import { expect, test } from 'vitest'
import type { Witness } from './scenario.js'
import { contradictions } from './witness.js'

const WITNESS: Witness = { counters: { TcpExtTCPKeepAlive: [1, 1], TcpOutRsts: [0, 0] } }

const problems = (probes: number, resets: number, cutMs: number): string[] => {
  const counters = (keepalive: number, rsts: number) =>
    new Map([
      ['TcpExtTCPKeepAlive', keepalive],
      ['TcpOutRsts', rsts],
    ])
  const [before, after] = [counters(7, 3), counters(7 + probes, 3 + resets)]
  return contradictions(WITNESS, { timers: [], before, after, cutMs, completion: null })
}

test('counters are compared with what was declared', () => {
  expect(problems(1, 0, 20)).toEqual([])
  expect(problems(0, 0, 20)).toEqual(['TcpExtTCPKeepAlive rose by 0, not 1'])
  expect(problems(2, 1, 20)).toEqual([
    'TcpExtTCPKeepAlive rose by 2, not 1',
    'TcpOutRsts rose by 1, not 0',
  ])
})

test('a cut that took a second leaves room for one more probe, and for nothing else', () => {
  expect(problems(2, 0, 1_100)).toEqual([])
  expect(problems(3, 0, 1_100)).toEqual(['TcpExtTCPKeepAlive rose by 3, not 1 to 2'])
  expect(problems(1, 1, 1_100)).toEqual(['TcpOutRsts rose by 1, not 0'])
})
