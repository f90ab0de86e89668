import type { Skip } from '../harness/requirements.js'
import type { Results } from '../harness/results.js'
import type { Sample } from '../harness/samples.js'
import { type Summary, summarize } from '../harness/statistics.js'
import { type Target, targets } from '../harness/targets.js'
import { unitOf } from './format.js'
import { isBelowNoise } from './noise-floor.js'
import { troubleOf } from './troubles.js'
import { benchTitle, scenarioText } from './words/scenarios.js'

/** What all rounds say of one figure of one contestant in one scenario. */
export interface Cell extends Summary {
  readonly scenario: string
  /** The scenario in words. */
  readonly place: string
  readonly contestant: string
  readonly parameters: Readonly<Record<string, number>>
  readonly unit: string
  readonly goal?: Target
  /** Told from nothing by no one: neither drawn nor judged. */
  readonly belowNoise?: true
}

/** What the runs say together. Of a scenario that several have, the newest counts, alone. */
export class Evidence {
  /** By date. */
  readonly runs: readonly Results[]
  readonly #samples: readonly Sample[]
  /** Of smoke runs, whose sizes are tiny. */
  readonly #smoke: ReadonlySet<Sample>

  constructor(results: readonly Results[]) {
    this.runs = [...results].sort((a, b) => a.environment.date.localeCompare(b.environment.date))
    const newest = new Map<string, Results>()
    for (const run of this.runs) {
      for (const { bench, scenario } of run.samples) newest.set(`${bench}\n${scenario}`, run)
    }
    this.#samples = this.runs.flatMap((run) =>
      run.samples.filter((it) => newest.get(`${it.bench}\n${it.scenario}`) === run),
    )
    this.#smoke = new Set(this.runs.filter(({ quick }) => quick).flatMap((run) => run.samples))
  }

  /** Every bench that ran, was to run or was skipped, in order. */
  get benches(): BenchEvidence[] {
    const names = this.runs.flatMap((run) => [
      ...run.benches.map(({ name }) => name),
      ...run.samples.map(({ bench }) => bench),
      ...run.skipped.map(({ bench }) => bench),
    ])
    return [...new Set(names)].map((name) => this.of(name))
  }

  of(bench: string): BenchEvidence {
    const samples = this.#samples.filter((it) => it.bench === bench)
    const measured = new Set(samples.map(({ scenario }) => scenario))
    const skipped = this.runs
      .flatMap((run) => run.skipped)
      .filter((skip) => skip.bench === bench && !measured.has(skip.scenario))
    const troubles = this.runs.flatMap((run) => troubleOf(run, bench) ?? [])
    const runs = this.runs.filter(({ benches }) => benches.some(({ name }) => name === bench))
    const isSmoke =
      samples.some((it) => this.#smoke.has(it)) ||
      (samples.length === 0 && runs.length > 0 && runs.every(({ quick }) => quick))
    const title = runs.at(-1)?.benches.find(({ name }) => name === bench)?.title ?? bench
    return new BenchEvidence(bench, title, isSmoke, samples, skipped, troubles)
  }
}

export class BenchEvidence {
  constructor(
    readonly name: string,
    title: string,
    readonly isSmoke: boolean,
    readonly samples: readonly Sample[],
    readonly skipped: readonly Skip[],
    /** Why its figures are not all there. */
    readonly troubles: readonly string[],
  ) {
    this.title = benchTitle(title, isSmoke)
  }

  readonly title: string

  get scenarios(): string[] {
    return [...new Set(this.samples.map(({ scenario }) => scenario))]
  }

  /** A scenario in words. */
  placeOf(scenario: string): string {
    const of = this.samples.find((it) => it.scenario === scenario && it.parameters !== undefined)
    return scenarioText(scenario, of?.parameters)
  }

  get contestants(): string[] {
    const names = [...new Set(this.samples.map(({ contestant }) => contestant))]
    return names.sort((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b, 'en'))
  }

  get figures(): string[] {
    return [...new Set(this.samples.flatMap(({ figures }) => Object.keys(figures)))]
  }

  /** The first of these figures that was measured. */
  first(...figures: readonly string[]): string | undefined {
    return figures.find((figure) => this.figures.includes(figure))
  }

  cells(figure: string): Cell[] {
    return this.#cells(figure, unitOf(figure), undefined, (of) => ({
      values: valuesOf(of, figure),
      belowNoise: isBelowNoise(figure, of),
    }))
  }

  /** As multiples of another contestant's, round by round; without its own, which are 1. */
  ratios(figure: string, against: string): Cell[] {
    return this.#cells(figure, '×', against, (of, scenario) => {
      const others = this.#some(scenario, against)
      const base = new Map(others.map((it) => [it.round, it.figures[figure]] as const))
      const belowNoise = isBelowNoise(figure, of) || isBelowNoise(figure, others)
      const divides = (value = 0): boolean => (belowNoise ? value !== 0 : value > 0)
      const both = of.filter((it) => isNumber(it.figures[figure]) && divides(base.get(it.round)))
      if (both[0]?.contestant === against) return { values: [], belowNoise: false }
      const under = both.map(({ round }) => base.get(round) as number)
      return {
        values: valuesOf(both, figure).map((value, at) => value / (under[at] as number)),
        belowNoise,
      }
    })
  }

  #cells(
    figure: string,
    unit: string,
    against: string | undefined,
    read: (of: readonly Sample[], scenario: string) => { values: number[]; belowNoise: boolean },
  ): Cell[] {
    return this.scenarios.flatMap((scenario) =>
      this.contestants.flatMap((contestant) => {
        const of = this.#some(scenario, contestant)
        const { values, belowNoise } = read(of, scenario)
        if (values.length === 0) return []
        const parameters = of.find((it) => it.parameters !== undefined)?.parameters ?? {}
        const goal = this.#goal(scenario, contestant, figure, against)
        return [
          {
            ...{ scenario, contestant, parameters, unit, ...summarize(values) },
            place: scenarioText(scenario, parameters),
            ...(goal !== undefined && { goal }),
            ...(belowNoise && { belowNoise }),
          },
        ]
      }),
    )
  }

  #some(scenario: string, contestant: string): Sample[] {
    return this.samples.filter((it) => it.scenario === scenario && it.contestant === contestant)
  }

  #goal(scenario: string, contestant: string, figure: string, against: string | undefined) {
    if (this.isSmoke) return undefined
    return targets.find(
      (it) =>
        it.bench === this.name &&
        it.scenario === scenario &&
        it.contestant === contestant &&
        it.figure === figure &&
        it.against === against,
    )
  }
}

/** In every plot the same order: programs in C, Node's own, other people's, ours. */
function rankOf(contestant: string): number {
  if (contestant.startsWith('raw')) return 0
  if (contestant.startsWith('node')) return 1
  return isBaseline(contestant) ? 2 : 3
}

function valuesOf(samples: readonly Sample[], figure: string): number[] {
  return samples.map((it) => it.figures[figure]).filter(isNumber)
}

// What was no number is null in the JSON.
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

export function goalText({ limit, limitIs, unit }: Target): string {
  return `${limitIs === 'most' ? '≤' : '≥'} ${limit.toLocaleString('en')} ${unit}`
}

/** What the figures are compared with: programs in C, Node's own, and other people's servers. */
export function isBaseline(contestant: string): boolean {
  return /^(raw|node|redis|nginx|haproxy|go|netty|uv-timer|no-|writes|heartbeat|keepalive-off)\b/.test(
    contestant,
  )
}
