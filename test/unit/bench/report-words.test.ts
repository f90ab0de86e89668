import { JSDOM } from 'jsdom'
import { describe, expect, test } from 'vitest'
import { all as servers } from '../../../bench/harness/contestants.js'
import type { Results } from '../../../bench/harness/results.js'
import type { Sample } from '../../../bench/harness/samples.js'
import { Evidence } from '../../../bench/report/evidence.js'
import { renderReport } from '../../../bench/report/report.js'
import { stateText, troubleOf } from '../../../bench/report/troubles.js'
import { benchTitle, scenarioText } from '../../../bench/report/words/scenarios.js'
import { serverWords } from '../../../bench/report/words/servers.js'
import { KERNEL_MEMORY_BYTES } from '../../../lib/core/keepalive-plan-costs.js'
import { madeUpResults } from '../../support/bench-results.js'
import { resultsOf } from '../../support/results-of.js'

interface Found {
  readonly textContent: string
  querySelectorAll(selector: string): Iterable<Found>
}

/** What a reader sees of the parts that a selector finds. */
function seen(results: readonly Results[], selector: string): string[] {
  return textsOf(new JSDOM(renderReport(results)).window.document as unknown as Found, selector)
}

function textsOf(page: Found, selector: string): string[] {
  return [...page.querySelectorAll(selector)].map((it) => it.textContent.trim())
}

const page = new JSDOM(renderReport([madeUpResults()])).window.document as unknown as Found
const full = (selector: string): string[] => textsOf(page, selector)

const sample = (of: Partial<Sample>): Sample => ({
  ...{ bench: 'heartbeat', scenario: '10000 asked each second', contestant: 'kernel-probes' },
  ...{ round: 0, parameters: { connections: 10_000, idleMs: 1000 }, figures: {} },
  ...of,
})

describe('words', () => {
  test.each([
    ['N=50', '50 connections'],
    ['N=10000, 16 in flight', '10,000 connections, 16 in flight'],
    ['50 beside 4', '50 clients beside 4 that flood'],
    ['19000 by FIN', '19,000 connections ended by FIN'],
    ['nat as 7/1/5, idle', 'nat, scaled to idle 7 s, interval 1 s, 5 probes; idle clients'],
    ['5 % each way, 1/1/1', '5 % each way, idle 1 s, interval 1 s, 1 probe'],
    ['50000 asked each 5 s', '50,000 connections, each asked every 5 s'],
    ['64 KiB', '64 KiB'],
  ])('%s', (scenario, words) => {
    expect(scenarioText(scenario)).toBe(words)
  })

  test('of a smoke run are the sizes that it had', () => {
    expect(scenarioText('N=10000', { connections: 200 })).toBe('200 connections')
    expect(benchTitle('200,000 connections held', true)).toBe('Connections held')
    expect(benchTitle('200,000 connections held', false)).toBe('200,000 connections held')
  })

  test('every server that the command knows is explained, and has a look of its own', () => {
    expect(servers.filter(({ name }) => serverWords(name).about === undefined)).toEqual([])
    const together = ['raw-epoll', 'raw-libuv', 'node-net', 'holdfast-epoll', 'holdfast-uv']
    const others = ['haproxy', 'nginx-stream', 'go', 'netty']
    const looks = [...together, ...others].map(serverWords).map((it) => `${it.color} ${it.symbol}`)
    expect(new Set(looks).size).toBe(looks.length)
  })

  test('every plot of a bench that has a section says which way is better', () => {
    const named = ['accept', 'storm', 'fairness', 'keepalive', 'echo', 'idle', 'probes', 'loss']
    for (const bench of [...named, 'detection']) {
      const notes = full(`#bench-${bench} figcaption .note`)
      expect(notes.length, bench).toBeGreaterThan(0)
      for (const note of notes) expect(note, bench).toMatch(/(Lower|Higher) is better/)
    }
  })
})

describe('a CPU below the noise', () => {
  const negative = sample({ figures: { cpuUs: -3, machineCpuCores: -0.03, noiseCores: 0.1 } })
  const faint = sample({ figures: { cpuUs: 3, machineCpuCores: 0.03, noiseCores: 0.1 } })
  const beats = { contestant: 'heartbeat', figures: { cpuUs: 17, machineCpuCores: 0.17 } }

  test.each([
    ['less than nothing', negative],
    ['less than quiet windows differ by', faint],
  ])('%s is neither drawn nor compared with', (_, probes) => {
    const results = resultsOf([probes, sample(beats)])
    const bench = new Evidence([results]).of('heartbeat')
    expect(bench.cells('cpuUs').map(({ belowNoise }) => belowNoise)).toContain(true)
    expect(bench.ratios('cpuUs', 'kernel-probes')[0]?.belowNoise).toBe(true)
    expect(seen([results], '#bench-heartbeat svg text')).toContain('below noise')
    expect(seen([results], '#model figure:nth-of-type(2) .note').join()).toContain(
      '1 of 1 are below the noise and not drawn',
    )
  })

  test('of a process is not the machine’s', () => {
    const own = sample({ figures: { ...faint.figures, serverCpuUs: 2 } })
    const cells = new Evidence([resultsOf([own])]).of('heartbeat').cells('serverCpuUs')
    expect(cells[0]?.belowNoise).toBeUndefined()
  })
})

describe('the model', () => {
  const texts = (figure: number, results: Results) =>
    seen([results], `#model figure:nth-of-type(${figure}) tbody tr`)

  test('has the point of heartbeat, and says where there is no measurement', () => {
    const figures = { asksPerSecond: 9987, cpuUs: 4, machineCpuCores: 0.04, noiseCores: 0 }
    const results = resultsOf([sample({ figures })])
    expect(texts(1, results).join('\n')).toMatch(/10,000.*9,987.*measured/s)
    expect(seen([results], '#model figure:nth-of-type(3) .note')[0]).toContain(
      'These files have no measurement of it.',
    )
  })

  test('of the memory of both ends, which idle and hold tell, the server’s end is shown', () => {
    const kernelBytes = 2 * KERNEL_MEMORY_BYTES
    const parameters = { connections: 100_000 }
    for (const [bench, contestant] of [
      ['idle', 'holdfast-epoll'],
      ['hold', 'kernel-probes'],
    ] as const) {
      const figures = { residentBytes: 245, kernelBytes }
      const results = resultsOf([sample({ bench, contestant, parameters, figures })])
      const at = texts(4, results).filter((row) => row.includes('100,000'))
      const gib = ((KERNEL_MEMORY_BYTES * 100_000) / 2 ** 30).toFixed(3)
      const both = [gib, gib].map((it) => `the kernel, the server’s end100,000${it}`)
      expect(
        at
          .filter((row) => row.startsWith('the kernel'))
          .map((row) => row.slice(0, both[0]?.length)),
      ).toEqual(both)
    }
  })

  test('prints what holdfast plan does', () => {
    const printed = full('#model pre').join()
    expect(printed).toContain('holdfast plan --keepalive 60000/60000/3 --connections 100000')
    expect(printed).toContain('within 240 s')
  })
})

describe('a run', () => {
  test('of smoke is marked in each section, and has no goals', () => {
    const quick = madeUpResults({ quick: true })
    expect(seen([quick], 'section[id^=bench] h2:not(:has(.smoke))')).toEqual([])
    expect(seen([quick], '#bench-echo .smoke')).toEqual(['smoke run'])
    expect(seen([quick], '#goals')).toEqual([])
    expect(seen([quick], 'svg text').filter((text) => text.includes('goal'))).toEqual([])
    expect(full('.smoke')).toEqual([])
  })

  test('that is not whole says which benches are not', () => {
    const of = (state: 'partial' | 'failed') =>
      ({ name: 'echo', title: 'Echo', rounds: 5, state, seconds: 3 }) as const
    const run = (changes: Partial<Results>) => resultsOf([], changes)
    expect(stateText(run({ state: 'interrupted', benches: [of('partial')] }))).toContain(
      'The run was interrupted in echo.',
    )
    expect(stateText(run({ state: 'failed', benches: [of('failed')] }))).toContain('Failed: echo.')
    expect(stateText(run({ state: 'running', benches: [of('partial')] }))).toContain(
      'The run is under way in echo, or was killed.',
    )
    expect(stateText(run({}))).toBe('')
    const cut = (more: object) =>
      resultsOf([sample({ bench: 'echo' })], {
        state: 'interrupted',
        benches: [{ ...of('partial'), ...more }],
      })
    expect(troubleOf(cut({}), 'echo')).toBe('interrupted, with figures of 1 of 5 rounds')
    expect(seen([cut({ step: 'round 2' })], '#bench-echo .notice').join()).toContain(
      'echo: interrupted in round 2, with figures of 1 of 5 rounds',
    )
  })

  test('is measured again by a command that can be pasted', () => {
    const commands = seen([madeUpResults(), resultsOf([])], '#method pre').join()
    expect(commands.split('\n')).toEqual(['npm run bench -- --rounds 5', 'npm run bench'])
  })
})

test('servers whose loss is compared have a plot each, a policy one entry of the legend', () => {
  expect(full('#bench-loss .panel')).toEqual(['holdfast-epoll', 'holdfast-uv'])
  expect(full('#bench-loss .legend li')).toEqual([
    ...[2, 3, 5].map((count) => `idle 1 s, interval 1 s, ${count} probes`),
  ])
  expect(full('#bench-loss svg text')).toContain('0')
})

test('the time until a dead peer is found is in seconds, with node:net beside holdfast', () => {
  expect(full('#bench-detection svg text')).toContain('time until it was found, s')
  expect(full('#bench-detection .panel')).toContain('node-net')
})
