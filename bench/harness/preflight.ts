import type { Bench } from './context.js'
import { isFull } from './parts.js'
import { type Machine, type Shortage, type Skip, shortagesOf } from './requirements.js'

/** The scenarios of these benches that the machine is too small for. `names` as they were asked for. */
export function preflight(
  benches: readonly Bench[],
  names: readonly string[],
  quick: boolean,
  machine: Machine,
): Skip[] {
  return benches.flatMap((bench) =>
    (bench.requirements?.(quick, isFull(bench, names)) ?? []).flatMap(({ scenario, needs }) => {
      const shortages = shortagesOf(needs, machine)
      return shortages.length === 0 ? [] : [{ bench: bench.name, scenario, shortages }]
    }),
  )
}

export function isSkipped(skips: readonly Skip[], bench: string, scenario: string): boolean {
  return skips.some((skip) => skip.bench === bench && skip.scenario === scenario)
}

/** The share of a bench's scenarios with requirements that will run: for the time it takes. */
export function shareLeft(
  bench: Bench,
  names: readonly string[],
  quick: boolean,
  skips: readonly Skip[],
): number {
  const all = bench.requirements?.(quick, isFull(bench, names)).length ?? 0
  return all === 0 ? 1 : 1 - skips.filter((skip) => skip.bench === bench.name).length / all
}

/** What there is too little of, each once, with what is enough for all; empty when nothing is short. */
export function describeSkips(skips: readonly Skip[]): string {
  if (skips.length === 0) return ''
  const kinds = new Set(skips.flatMap(({ shortages }) => shortages.map(({ what }) => what)))
  return [
    `skipped: ${skippedText(skips)}\n`,
    ...[...kinds].map((what) => lineOf(skips, what)),
  ].join('')
}

function skippedText(skips: readonly Skip[]): string {
  const benches = [...new Set(skips.map(({ bench }) => bench))]
  return benches
    .map((bench) => {
      const own = skips.filter((skip) => skip.bench === bench)
      return own.length > scenariosNamed
        ? `${bench} (${own.length} scenarios)`
        : `${bench} (${own.map(({ scenario }) => scenario).join('; ')})`
    })
    .join(', ')
}

/** More than that are a number; the pages of the run have all of them. */
const scenariosNamed = 2

function lineOf(skips: readonly Skip[], what: string): string {
  const short = skips.flatMap(({ shortages }) => shortages.filter((it) => it.what === what))
  const worst = worstOf(short)
  if (worst === undefined) return ''
  const { needed, have, raise } = worst
  const most = new Set(short.map((it) => it.needed)).size > 1 ? 'up to ' : ''
  const of = short.length === 1 ? '' : ` for ${short.length} of them`
  const why = reasons[what] === undefined ? '' : `    ${reasons[what]}\n`
  return `  ${what}: needs ${most}${needed}${of}, has ${have}: ${raise}\n${why}`
}

const reasons: Readonly<Record<string, string>> = {
  'packets queued on loopback':
    "The kernel's timers ring many at a time, and what a full queue drops would be asked, and counted, twice.",
}

/** What is enough of for it is enough for all of these. */
export function worstOf(shortages: readonly Shortage[]): Shortage | undefined {
  return [...shortages].sort((a, b) => amountOf(b) - amountOf(a))[0]
}

/** 1,000 or 2.0 GiB; what is there or not is 0. */
function amountOf({ needed }: Shortage): number {
  return Number.parseFloat(needed.replaceAll(',', '')) || 0
}
