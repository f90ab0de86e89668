import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Bench, Context } from '../../../bench/harness/context.js'
import { isMicro } from '../../../bench/harness/parts.js'
import { preflight } from '../../../bench/harness/preflight.js'
import { type Machine, thisMachine } from '../../../bench/harness/requirements.js'
import { Samples } from '../../../bench/harness/samples.js'
import { suite } from '../../../bench/suite.js'

const cases = new URL('../../../bench/cases/', import.meta.url)
const benches = suite.flatMap(({ bench }) => (isMicro(bench) ? [] : [bench]))
const named = (name: string): Bench => benches.find((bench) => bench.name === name) as Bench

const fewDescriptors: Machine = { ...thisMachine(), descriptorsPerProcess: 900 }

/** Refused for its descriptors, in a real run with all scenarios. */
function refused(bench: Bench): string[] {
  return preflight([bench], [bench.name], false, fewDescriptors)
    .filter(({ shortages }) => shortages.some(({ what }) => what === 'descriptors a process'))
    .map(({ scenario }) => scenario)
}

/** All that they measure takes more. */
const crowded = [
  ...['idle', 'storm', 'accept-storm', 'broadcast', 'keepalive', 'inspect', 'hostile', 'liveness'],
  ...['heartbeat', 'probes', 'hold', 'million'],
]

describe('a bench of many connections', () => {
  it.each(crowded)('%s is left out where a process may not open so many', async (name) => {
    const bench = named(name)
    const scenarios = bench.requirements?.(false, true).map(({ scenario }) => scenario) ?? []
    expect(scenarios.length).toBeGreaterThan(0)
    expect(refused(bench)).toEqual(scenarios)
  })

  // A server that was started would leave a sample, or fail.
  it.each(crowded)('%s starts nothing where all of it is left out', async (name) => {
    const bench = named(name)
    const samples = new Samples()
    const context: Context = {
      ...{ cores: { server: 0, load: 1 }, rounds: 1, quick: false, full: true, samples },
      taking: new Set(bench.contestants.map((contestant) => contestant.name)),
      runs: () => false,
      tell: () => {},
    }
    if ('measureRound' in bench) await bench.measureRound(bench.contestants, 0, context)
    else for (const contestant of bench.contestants) await bench.measure(contestant, 0, context)
    expect(samples.all).toEqual([])
  })

  it.each([
    ['echo', ['N=1000', 'N=10000']],
    ['peers', ['N=1000']],
    ['admission', ['beside 5000 addresses']],
  ])('%s is left out where it has so many, and measured where not', (name, scenarios) => {
    expect(refused(named(name))).toEqual(scenarios)
  })

  it('says so, whichever it is', () => {
    const silent = readdirSync(cases).filter((file) => {
      const source = readFileSync(new URL(file, cases), 'utf8')
      const name = /^ {2}name: '(.+)',$/m.exec(source)?.[1]
      if (name === undefined || mostIn(source) <= 900) return false
      return refused(named(name)).length === 0
    })
    // A million deadlines of one process have no sockets.
    expect(silent).toEqual(['deadlines.ts'])
  })
})

/** The largest number that its source gives to something of connections. */
function mostIn(source: string): number {
  const given = /(?:connections|sizes|held)\w*\s*[:=]\s*\[?([\d_, ]+)/gi
  const numbers = [...source.matchAll(given)].flatMap(([, list = '']) => list.split(','))
  return Math.max(0, ...numbers.map((number) => Number(number.replaceAll('_', ''))))
}
