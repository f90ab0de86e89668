import { UsageError } from '../harness/arguments.js'
import { readResults } from '../harness/results-file.js'
import type { Described } from '../harness/rows.js'
import type { Summary } from '../harness/statistics.js'
import { drawTable } from '../harness/table.js'
import { type Change, compare } from './compare.js'
import { differences } from './environments.js'
import { onlyInOne } from './missing.js'

const order = ['worse', 'better', 'changed', 'too few rounds to tell', 'within noise']

/** Two result files: warnings, a table with what has changed first, and a line that sums it up. */
export function compareFiles(
  beforePath: string,
  afterPath: string,
  known: readonly Described[] = [],
): string {
  const before = readResults(beforePath)
  const after = readResults(afterPath)
  const changes = compare(before, after)
  if (changes.length === 0) {
    throw new UsageError(`${beforePath} and ${afterPath} have no figure in common`)
  }
  const warnings = differences(before, after).map((line) => `the runs differ: ${line}`)
  return [...warnings, ...onlyInOne(before, after), describeChanges(changes, known)].join('\n')
}

/** Where a cost is told as a multiple of a baseline, so are A and B. */
export function describeChanges(
  changes: readonly Change[],
  known: readonly Described[] = [],
): string {
  const rows = [...changes]
    .sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
    .map((change) => [
      `${change.bench}: ${change.scenario}`,
      change.contestant,
      titleOf(change, known),
      withRange(change.before),
      withRange(change.after),
      change.ratio === undefined ? '–' : `×${change.ratio.toFixed(3)}`,
      change.verdict,
    ])
  const head = ['bench: scenario', 'of', 'what is compared', 'A', 'B', 'B / A', 'B is']
  const count = (...verdicts: string[]): number =>
    changes.filter(({ verdict }) => verdicts.includes(verdict)).length
  const untold = count('too few rounds to tell')
  const summary = `${changes.length} figures compared, ${count('worse', 'better', 'changed')} beyond noise (${count('worse')} worse, ${count('better')} better)`
  return `${drawTable({ head, rows })}\n${summary}${untold === 0 ? '' : `, ${untold} with too few rounds to tell`}`
}

/** As the tables of its bench call it, and whose multiple it is. */
function titleOf({ bench, figure, against }: Change, known: readonly Described[]): string {
  const columns = known.find(({ name }) => name === bench)?.columns
  const title = columns?.find((column) => column.figure === figure)?.title ?? figure
  return against === undefined ? title : `${title}, × ${against}`
}

function withRange({ median, min, max, rounds }: Summary): string {
  return rounds === 1 ? plain(median) : `${plain(median)} (${plain(min)} … ${plain(max)})`
}

/** Four digits tell what 2 % are. */
function plain(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)))
}
