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

/** What the runs say together. Of what several have measured, only what counts is to be in them. */
export class Evidence {
  /** By date. */
  readonly runs: readonly Results[]
  readonly #runOf: ReadonlyMap<Sample, Results>

  constructor(results: readonly Results[]) {
    this.runs = [...results].sort((a, b) => a.environment.date.localeCompare(b.environment.date))
    this.#runOf = new Map(this.runs.flatMap((run) => run.samples.map((it) => [it, run] as const)))
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
    const samples = [...this.#runOf.keys()].filter((it) => it.bench === bench)
    const measured = new Set(samples.map(({ scenario }) => scenario))
    const skipped = this.runs
      .flatMap((run) => run.skipped)
      .filter((skip) => skip.bench === bench && !measured.has(skip.scenario))
    const troubles = this.runs.flatMap((run) => troubleOf(run, bench) ?? [])
    const runs = this.runs.filter(({ benches }) => benches.some(({ name }) => name === bench))
    const isSmoke =
      samples.some((it) => this.#runOf.get(it)?.quick) ||
      (samples.length === 0 && runs.length > 0 && runs.every(({ quick }) => quick))
    const title = runs.at(-1)?.benches.find(({ name }) => name === bench)?.title ?? bench
    return new BenchEvidence(bench, title, isSmoke, this.#runOf, samples, skipped, troubles)
  }
}

export class BenchEvidence {
  constructor(
    readonly name: string,
    title: string,
    readonly isSmoke: boolean,
    readonly runOf: ReadonlyMap<Sample, Results>,
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

  /** As multiples of another contestant's, round by round of one run; without its own, which are 1. */
  ratios(figure: string, against: string): Cell[] {
    return this.#cells(figure, '×', against, (of, scenario) => {
      const others = this.#some(scenario, against)
      const belowNoise = isBelowNoise(figure, of) || isBelowNoise(figure, others)
      const baseOf = (sample: Sample): number =>
        others.find(
          (it) => it.round === sample.round && this.runOf.get(it) === this.runOf.get(sample),
        )?.figures[figure] ?? 0
      const divides = (value: number): boolean => (belowNoise ? value !== 0 : value > 0)
      const both = of.filter((it) => isNumber(it.figures[figure]) && divides(baseOf(it)))
      if (both[0]?.contestant === against) return { values: [], belowNoise: false }
      const under = both.map(baseOf)
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
