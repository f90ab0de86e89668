import { ratiosByRound, type Summary, summarize } from './statistics.js'

/** What one contestant did once in one case: figures by name, units in the names. */
export interface Sample {
  readonly bench: string
  readonly scenario: string
  readonly contestant: string
  readonly round: number
  readonly figures: Readonly<Record<string, number>>
  /** What the scenario is a point of, for a plot's axes: `connections`, `idleMs`, `requestBytes`. */
  readonly parameters?: Readonly<Record<string, number>>
  /** Every single value of something few enough to be told one by one: `detectedMs`. */
  readonly values?: Readonly<Record<string, readonly number[]>>
  /** Of a histogram: shares in percent, and the value that so many are at most. */
  readonly percentiles?: Readonly<Record<string, readonly Percentile[]>>
  /** What no figure can say: what stopped it before its goal. */
  readonly note?: string
  /** Sum over the received bytes, as the load generator computed it; absent where none flow. */
  readonly checksum?: string
}

export interface Percentile {
  readonly percent: number
  readonly value: number
}

export class Samples {
  readonly #all: Sample[]

  constructor(all: readonly Sample[] = []) {
    this.#all = [...all]
  }

  add(sample: Sample): void {
    this.#all.push(sample)
  }

  get all(): readonly Sample[] {
    return this.#all
  }

  scenarios(bench: string): string[] {
    const ofBench = this.#all.filter((sample) => sample.bench === bench)
    return [...new Set(ofBench.map((sample) => sample.scenario))]
  }

  contestants(bench: string, scenario: string): string[] {
    const some = this.#all.filter(
      (sample) => sample.bench === bench && sample.scenario === scenario,
    )
    return [...new Set(some.map((sample) => sample.contestant))]
  }

  /** One figure in the order of the rounds; empty when it was not measured. */
  series(bench: string, scenario: string, contestant: string, figure: string): number[] {
    return this.#measured(bench, scenario, contestant, figure).map(({ value }) => value)
  }

  /** One figure as multiples of another contestant's, of the rounds that have both. */
  ratios(
    bench: string,
    scenario: string,
    contestant: string,
    against: string,
    figure: string,
  ): number[] {
    return ratiosByRound(
      this.#measured(bench, scenario, contestant, figure),
      this.#measured(bench, scenario, against, figure),
    )
  }

  #measured(bench: string, scenario: string, contestant: string, figure: string) {
    return this.#all
      .filter((sample) => sample.bench === bench)
      .filter((sample) => sample.scenario === scenario && sample.contestant === contestant)
      .sort((a, b) => a.round - b.round)
      .flatMap(({ round, figures }) => {
        const value = figures[figure]
        return value === undefined ? [] : [{ round, value }]
      })
  }

  summary(
    bench: string,
    scenario: string,
    contestant: string,
    figure: string,
  ): Summary | undefined {
    const series = this.series(bench, scenario, contestant, figure)
    return series.length === 0 ? undefined : summarize(series)
  }
}
