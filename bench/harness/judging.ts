import { isLoud } from './noise.js'
import type { Sample, Samples } from './samples.js'
import { type Summary, summarize } from './statistics.js'
import { type Target, targets } from './targets.js'

/** `not judged`: it was measured, and is no figure; `left out`: by --servers. */
export type Verdict = 'reached' | 'missed' | 'not measured' | 'not judged' | 'left out'

export interface Judgement {
  readonly bench: string
  readonly title: string
  /** Who is measured, and against whom. */
  readonly of: string
  /** Undefined, too, of what was measured and is no figure. */
  readonly measured: Summary | undefined
  readonly limit: string
  readonly passed: boolean
  /** Results may be older than it. */
  readonly verdict?: Verdict
  /** Of `not judged`. */
  readonly why?: string
  /** Others were at work on the machine while it was measured. */
  readonly noisy?: true
}

/** What a run was to have: scenarios that were not skipped, and contestants that --servers kept. */
export interface Asked {
  runs(bench: string, scenario: string): boolean
  readonly taking: ReadonlySet<string>
}

/** A scenario that was skipped is not judged at all. */
export function judge(samples: Samples, bench: string, asked: Asked): Judgement[] {
  return targets
    .filter((target) => target.bench === bench && asked.runs(bench, target.scenario))
    .map((target) => judgeOne(samples, target, asked.taking))
}

export function verdictOf({ verdict, measured, passed }: Judgement): Verdict {
  if (verdict !== undefined) return verdict
  // What was undefined is absent in a file.
  if (measured == null) return 'not measured'
  return passed ? 'reached' : 'missed'
}

/** Whether a run may call itself good: what was left out on purpose is no failure. */
export function isGood(judgement: Judgement): boolean {
  return ['reached', 'left out'].includes(verdictOf(judgement))
}

function judgeOne(samples: Samples, target: Target, taking: ReadonlySet<string>): Judgement {
  const { bench, title, contestant, against, limit, limitIs, unit } = target
  const names = against === undefined ? [contestant] : [contestant, against]
  const own = samples.all.filter(
    (it) => it.bench === bench && it.scenario === target.scenario && names.includes(it.contestant),
  )
  const common = {
    bench,
    title,
    of: names.join(' / '),
    limit: `${limitIs === 'most' ? '≤' : '≥'} ${limit}${unit === '×' ? '' : ` ${unit}`}`,
    ...(own.some(isLoud) ? { noisy: true as const } : {}),
  }
  const unmeasured = { ...common, measured: undefined, passed: false }
  if (!names.every((name) => taking.has(name))) return { ...unmeasured, verdict: 'left out' }
  const why = own.map((sample) => doubtOf(sample, target.figure)).find((it) => it !== undefined)
  if (why !== undefined) return { ...unmeasured, verdict: 'not judged', why }
  const values = valuesOf(samples, target)
  if (values.length === 0) return { ...unmeasured, verdict: 'not measured' }
  const measured = summarize(values)
  const passed = limitIs === 'most' ? measured.median <= limit : measured.median >= limit
  return { ...common, measured, passed, verdict: passed ? 'reached' : 'missed' }
}

function valuesOf(samples: Samples, { bench, scenario, contestant, against, figure }: Target) {
  return against === undefined
    ? samples.series(bench, scenario, contestant, figure)
    : samples.ratios(bench, scenario, contestant, against, figure)
}

/** Why a figure is none: less than nothing was measured, or less than its own windows differed by. */
function doubtOf({ contestant, figures, note }: Sample, figure: string): string | undefined {
  const value = figures[figure]
  if (value === undefined) return note === undefined ? undefined : `${contestant}: ${note}`
  const { machineCpuCores, noiseCores } = figures
  const isDrowned =
    /cpu/i.test(figure) &&
    machineCpuCores !== undefined &&
    noiseCores !== undefined &&
    machineCpuCores < noiseCores
  if (isDrowned || value < 0) return `${contestant}: ${Number(value.toPrecision(3))} is below noise`
  return undefined
}
