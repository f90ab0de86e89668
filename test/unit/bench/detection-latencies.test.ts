import { describe, expect, it } from 'vitest'
import { latenciesOf, latencyFigures } from '../../../bench/detection/latencies.js'
import type { Ending } from '../../../bench/detection/policy-server.js'

const deafAtMs = new Map([
  [1001, 50],
  [1002, 70],
])

function ending(port: number, atMs: number, how = 'keepalive-timeout by kernel'): Ending {
  return { listener: 0, port, atMs, detectedMs: null, how }
}

const isRight = ({ how }: Ending): boolean => how === 'keepalive-timeout by kernel'

describe('latenciesOf', () => {
  it('matches each ending with the moment its own client went deaf', () => {
    const endings = [ending(1002, 170), ending(1001, 300)]
    expect(latenciesOf(deafAtMs, endings, isRight)).toEqual([250, 100])
  })

  it('refuses an ending for another reason', () => {
    const endings = [ending(1001, 300), ending(1002, 170, 'peer-reset by kernel')]
    expect(() => latenciesOf(deafAtMs, endings, isRight)).toThrow('1 ended for another reason')
  })

  it('refuses the ending of one that was alive', () => {
    const endings = [ending(1001, 300), ending(1003, 170)]
    expect(() => latenciesOf(deafAtMs, endings, isRight)).toThrow('1 ended that were alive')
  })

  it('refuses one that was never found, and one that ended twice', () => {
    const once = [ending(1001, 300)]
    expect(() => latenciesOf(deafAtMs, once, isRight)).toThrow('2 went deaf, 1 ended')
    const twice = [...once, ...once, ending(1002, 170)]
    expect(() => latenciesOf(deafAtMs, twice, isRight)).toThrow('2 went deaf, 3 ended')
  })
})

describe('latencyFigures', () => {
  it('has the ends, the middle, and the share of the bound that the latest took', () => {
    const figures = latencyFigures([300, 100, 200], 400)
    expect(figures).toEqual({
      connections: 3,
      minMs: 100,
      p50Ms: 200,
      p99Ms: 300,
      maxMs: 300,
      boundMs: 400,
      boundShareMax: 0.75,
    })
  })
})
