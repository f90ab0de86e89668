import { describe, expect, it } from 'vitest'
import { compare } from '../../../bench/compare/compare.js'
import { kindOf } from '../../../bench/compare/kinds.js'
import { describeChanges } from '../../../bench/compare/main.js'
import { onlyInOne } from '../../../bench/compare/missing.js'
import type { Sample } from '../../../bench/harness/samples.js'
import { resultsOf, series } from '../../support/results-of.js'

/** The same numbers in every run of the test: Park and Miller's generator. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const contestants = ['raw-epoll', 'raw-epoll-again', 'holdfast-epoll', 'node-net']
const scenarios = Array.from({ length: 25 }, (_, at) => `N=${at}`)

/** A run in which the machine drifts by a tenth from round to round, and everything by a hundredth. */
function noisyRun(random: () => number, rounds: number, factor: (at: string) => number): Sample[] {
  const around = (value: number, share: number) => value * (1 + share * (2 * random() - 1))
  const drifts = Array.from({ length: rounds }, () => around(1, 0.1))
  return drifts.flatMap((drift, round) =>
    scenarios.flatMap((scenario) =>
      contestants.map((contestant) => ({
        ...{ bench: 'echo', scenario, contestant, round },
        figures: {
          cpuNs: around(5000, 0.01) * drift * factor(`${scenario} ${contestant}`),
          perSecond: (around(200_000, 0.01) / drift) * 1,
          residentBytes: around(300, 0.01),
        },
      })),
    ),
  )
}

const same = (): number => 1

describe('two runs with nothing but noise between them', () => {
  it.each([3, 5, 7])('differ in nothing, with %i rounds each', (rounds) => {
    const random = generator(rounds)
    const a = resultsOf(noisyRun(random, rounds, same))
    const b = resultsOf(noisyRun(random, rounds, same))
    const changes = compare(a, b)
    expect(changes).toHaveLength(scenarios.length * (2 * 2 + 3))
    expect(changes.filter(({ verdict }) => verdict !== 'within noise')).toEqual([])
  })
})

describe('a regression of 8 %', () => {
  it.each([3, 5, 7])('is found under a drift of 10 %, with %i rounds each', (rounds) => {
    const random = generator(rounds)
    const planted = 'N=7 holdfast-epoll'
    const a = resultsOf(noisyRun(random, rounds, same))
    const b = resultsOf(noisyRun(random, rounds, (at) => (at === planted ? 1.08 : 1)))
    const found = compare(a, b).filter(({ verdict }) => verdict !== 'within noise')
    expect(found).toMatchObject([
      {
        ...{ scenario: 'N=7', contestant: 'holdfast-epoll', figure: 'cpuNs' },
        ...{ verdict: 'worse', against: 'raw-epoll' },
      },
    ])
    expect(found[0]?.ratio).toBeCloseTo(1.08, 1)
  })
})

describe('what a figure is compared by', () => {
  const steady = [100, 101, 100, 102, 101]
  const doubled = steady.map((value) => value * 2)
  const changeOf = (a: Sample[], b: Sample[]) => compare(resultsOf(a), resultsOf(b))

  it('is its multiple of the baseline: a machine half as fast has changed nothing', () => {
    const run = (values: number[]) => [
      ...series('raw-epoll', 'cpuNs', values),
      ...series('holdfast-epoll', 'cpuNs', values),
    ]
    expect(changeOf(run(steady), run(doubled))).toMatchObject([
      { contestant: 'holdfast-epoll', ratio: 1, verdict: 'within noise', before: { median: 1 } },
    ])
  })

  it('is node-net where raw-epoll is not there', () => {
    const run = [...series('node-net', 'cpuNs', steady), ...series('a', 'cpuNs', steady)]
    expect(changeOf(run, run)).toMatchObject([{ contestant: 'a', against: 'node-net' }])
  })

  it('is the figure itself where there is no baseline, or where no machine makes it faster', () => {
    expect(changeOf(series('a', 'cpuNs', steady), series('a', 'cpuNs', doubled))).toMatchObject([
      { against: undefined, verdict: 'worse' },
    ])
    const memory = (values: number[]) => [
      ...series('raw-epoll', 'residentBytes', values),
      ...series('a', 'residentBytes', values),
    ]
    expect(changeOf(memory(doubled), memory(steady))).toMatchObject([
      { contestant: 'raw-epoll', against: undefined, verdict: 'better' },
      { contestant: 'a', against: undefined, verdict: 'better' },
    ])
  })

  it('is the figure itself where timers set the time', () => {
    const run = [
      ...series('node-net', 'maxMs', steady, 'detection'),
      ...series('a', 'maxMs', steady, 'detection'),
    ]
    expect(changeOf(run, run)).toMatchObject([{ against: undefined }, { against: undefined }])
  })

  it('is better where it is more, of rates', () => {
    for (const figure of ['perSecond', 'keptRate', 'servedPercent']) {
      const [more] = changeOf(series('a', figure, steady), series('a', figure, doubled))
      expect(more?.verdict).toBe('better')
    }
  })

  it('has changed where neither way is better', () => {
    const probes = (values: number[]) => series('a', 'probesPerSecond', values)
    expect(changeOf(probes(steady), probes(doubled))[0]?.verdict).toBe('changed')
  })

  it('is nothing of what only describes the load', () => {
    const disturbed = (values: number[]) => series('a', 'disturbance', values)
    expect(changeOf(disturbed(steady), disturbed(doubled))).toEqual([])
  })
})

describe('when a figure has changed', () => {
  const verdictOf = (before: number[], after: number[], others: [Sample[], Sample[]] = [[], []]) =>
    compare(
      resultsOf([...series('a', 'cpuNs', before), ...others[0]]),
      resultsOf([...series('a', 'cpuNs', after), ...others[1]]),
    ).find(({ contestant }) => contestant === 'a')?.verdict

  it('is not told by two rounds', () => {
    expect(verdictOf([100, 100], [200, 200, 200])).toBe('too few rounds to tell')
  })

  it('is not when the ranges overlap', () => {
    expect(verdictOf([100, 101, 102, 103, 130], [120, 121, 122, 123, 129])).toBe('within noise')
  })

  it('is not by less than 2 %', () => {
    expect(verdictOf([100, 100, 100, 100, 100], [101.9, 101.9, 101.9, 101.9, 101.9])).toBe(
      'within noise',
    )
    expect(verdictOf([100, 100, 100, 100, 100], [102.1, 102.1, 102.1, 102.1, 102.1])).toBe('worse')
  })

  it('needs ranges that are further apart the fewer rounds there are', () => {
    expect(verdictOf([100, 104, 108], [110, 114, 118])).toBe('within noise')
    expect(verdictOf([100, 102, 104, 106, 108], [110, 112, 114, 116, 118])).toBe('worse')
  })

  it('is not by less than the same program differed from itself', () => {
    const one = [100, 100, 100, 100, 100]
    const control = (share: number) => [
      ...series('b', 'cpuNs', one),
      ...series(
        'b-again',
        'cpuNs',
        one.map((value) => value * (1 + share)),
      ),
    ]
    const dearer = one.map((value) => value * 1.05)
    expect(verdictOf(one, dearer, [control(0.01), control(-0.06)])).toBe('within noise')
    expect(verdictOf(one, dearer, [control(0.01), control(0.04)])).toBe('worse')
  })

  it('needs rounds of both contestants in an interrupted run', () => {
    const before = [...series('raw-epoll', 'cpuNs', [1, 1, 1]), ...series('a', 'cpuNs', [2, 2, 2])]
    const after = [...series('raw-epoll', 'cpuNs', [1, 1]), ...series('a', 'cpuNs', [2, 2, 2])]
    expect(compare(resultsOf(before), resultsOf(after))).toMatchObject([
      { ratio: 2 / 2, verdict: 'too few rounds to tell' },
    ])
  })
})

it('compares a figure itself where the baseline has it not', () => {
  const run = [
    ...series('raw-epoll', 'cpuNs', [1, 1, 1]),
    ...series('a', 'gcPauseMsTotal', [5, 5, 5]),
  ]
  expect(compare(resultsOf(run), resultsOf(run))).toMatchObject([
    { contestant: 'a', figure: 'gcPauseMsTotal', against: undefined },
  ])
})

it.each([
  ['up', ['heldConnections', 'keptRate', 'servedPercent', 'perSecond', 'dialledPerSecond']],
  ['up', ['megabytesPerSecond', 'besidePerSecond', 'withinModel']],
  ['down', ['cpuNs', 'closeCpuNs', 'machineCpuCores', 'p999Us', 'residentBytes', 'heldBytes']],
  ['down', ['systemCalls', 'gcPauses', 'gcPauseMsMax', 'lost', 'killed', 'dropped']],
  ['down', ['outsideModel', 'deadlineCpuPercent', 'wallMs', 'besideP99Us']],
  [undefined, ['wakeUpsPerSecond', 'heldSeconds', 'ends shutdown', 'asksPerSecond']],
])('%s is better of %j', (better, figures) => {
  for (const figure of figures)
    expect([figure, kindOf('hold', figure)?.better]).toEqual([figure, better])
})

it('names what only one run has, and why', () => {
  const whole = resultsOf([
    ...series('a', 'cpuNs', [1], 'echo'),
    ...series('b', 'cpuNs', [1], 'echo'),
    ...series('a', 'cpuNs', [1], 'idle'),
  ])
  const [echo, idle] = whole.benches
  const less = resultsOf(series('a', 'p99Us', [1], 'echo'), {
    benches: [echo, { ...idle, state: 'failed' }] as typeof whole.benches,
  })
  expect(onlyInOne(whole, less)).toEqual([
    'only in A: idle (failed in B)',
    'only in A: echo: N=50, a, cpuNs',
    'only in A: echo: N=50, b',
    'only in B: echo: N=50, a, p99Us',
  ])
})

it('shows multiples as they are compared, with their range, by the title of their column', () => {
  const run = [...series('raw-epoll', 'cpuNs', [100, 100]), ...series('a', 'cpuNs', [300, 320])]
  const columns = [{ figure: 'cpuNs', title: 'CPU ns/echo', digits: 0 }]
  const text = describeChanges(compare(resultsOf(run), resultsOf(run)), [
    { name: 'echo', contestants: [], columns },
  ])
  expect(text).toContain('CPU ns/echo, × raw-epoll')
  expect(text).toContain('3.1 (3 … 3.2)')
})

it('has what changed first, and a line that sums it up', () => {
  const run = (values: number[]) => [
    ...series('calm', 'residentBytes', [5, 5, 5]),
    ...series('grown', 'residentBytes', values),
  ]
  const text = describeChanges(compare(resultsOf(run([5, 5, 5])), resultsOf(run([9, 9, 9]))))
  expect(text.indexOf('grown')).toBeLessThan(text.indexOf('calm'))
  expect(text).toContain('2 figures compared, 1 beyond noise (1 worse, 0 better)')
})
