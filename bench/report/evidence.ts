import type { Skip } from '../harness/requirements.js'
import type { Results } from '../harness/results.js'
import type { Sample } from '../harness/samples.js'
import { type Summary, summarize } from '../harness/statistics.js'
import { type Target, targets } from '../harness/targets.js'
import { unitOf } from './format.js'

/** What all rounds say of one figure of one contestant in one scenario. */
export interface Cell extends Summary {
  readonly scenario: string
  readonly contestant: string
  readonly parameters: Readonly<Record<string, number>>
  readonly unit: string
  readonly goal?: Target
}

/** What the runs say together. Of a scenario that several have, the newest counts, alone. */
export class Evidence {
  /** By date. */
  readonly runs: readonly Results[]
  readonly #samples: readonly Sample[]

  constructor(results: readonly Results[]) {
    this.runs = [...results].sort((a, b) => a.environment.date.localeCompare(b.environment.date))
    const newest = new Map<string, Results>()
    for (const run of this.runs) {
      for (const { bench, scenario } of run.samples) newest.set(`${bench}\n${scenario}`, run)
    }
    this.#samples = this.runs.flatMap((run) =>
      run.samples.filter((it) => newest.get(`${it.bench}\n${it.scenario}`) === run),
    )
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
    const troubles = this.runs.flatMap((run) =>
      run.benches
        .filter(({ name, state }) => name === bench && (state === 'failed' || state === 'partial'))
        .map(({ state, error }) => (error === undefined ? state : `${state}: ${error}`)),
    )
    const runs = this.runs.flatMap((run) => run.benches).filter(({ name }) => name === bench)
    return new BenchEvidence(bench, runs.at(-1)?.title ?? bench, samples, skipped, troubles)
  }
}

export class BenchEvidence {
  constructor(
    readonly name: string,
    readonly title: string,
    readonly samples: readonly Sample[],
    readonly skipped: readonly Skip[],
    /** Why its figures are not all there. */
    readonly troubles: readonly string[],
  ) {}

  get scenarios(): string[] {
    return [...new Set(this.samples.map(({ scenario }) => scenario))]
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
    return this.#cells(figure, unitOf(figure), undefined, (of) => valuesOf(of, figure))
  }

  /** As multiples of another contestant's, round by round; without its own, which are 1. */
  ratios(figure: string, against: string): Cell[] {
    return this.#cells(figure, '×', against, (of, scenario) => {
      const base = new Map(
        this.#some(scenario, against).map((it) => [it.round, it.figures[figure]] as const),
      )
      const both = of.filter((it) => isNumber(it.figures[figure]) && (base.get(it.round) ?? 0) > 0)
      if (both[0]?.contestant === against) return []
      const under = both.map(({ round }) => base.get(round) as number)
      return valuesOf(both, figure).map((value, at) => value / (under[at] as number))
    })
  }

  #cells(
    figure: string,
    unit: string,
    against: string | undefined,
    values: (of: readonly Sample[], scenario: string) => number[],
  ): Cell[] {
    return this.scenarios.flatMap((scenario) =>
      this.contestants.flatMap((contestant) => {
        const of = this.#some(scenario, contestant)
        const list = values(of, scenario)
        if (list.length === 0) return []
        const parameters = of.find((it) => it.parameters !== undefined)?.parameters ?? {}
        const cell = { scenario, contestant, parameters, unit, ...summarize(list) }
        const goal = this.#goal(scenario, contestant, figure, against)
        return [goal === undefined ? cell : { ...cell, goal }]
      }),
    )
  }

  #some(scenario: string, contestant: string): Sample[] {
    return this.samples.filter((it) => it.scenario === scenario && it.contestant === contestant)
  }

  #goal(scenario: string, contestant: string, figure: string, against: string | undefined) {
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
