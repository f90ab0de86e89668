import {
  type Verdict as Judged,
  type Judgement,
  verdictOf as judgedAs,
} from '../../harness/judging.js'
import { type Target, targets } from '../../harness/targets.js'
import { type BenchEvidence, type Evidence, goalText } from '../evidence.js'
import { type Html, html } from '../html.js'
import type { Section } from '../section.js'
import { spread, tableHtml } from '../table.js'
import { scenarioText } from '../words/scenarios.js'

/** Every figure with a goal, and whether it was reached. */
export function goalsSection(evidence: Evidence): Section | undefined {
  // Of a goal that several runs judged, the newest that measured it.
  const newest = new Map<string, Judgement>()
  // A smoke run has the names of the true sizes, and neither them nor their goals.
  for (const run of evidence.runs.filter(({ quick }) => !quick)) {
    for (const judgement of run.judgements) {
      const key = `${judgement.title}\n${judgement.of}\n${judgement.limit}`
      if (judgement.measured != null || !newest.has(key)) newest.set(key, judgement)
    }
  }
  const skipped = evidence.benches.flatMap(goalsSkipped)
  const judgements = [...newest.values()].concat(
    skipped.filter(({ title, of, limit }) => !newest.has(`${title}\n${of}\n${limit}`)),
  )
  if (judgements.length === 0) return undefined
  const verdicts = judgements.map((judgement) => verdictOf(judgement, evidence))
  const count = (of: Verdict): number => verdicts.filter((verdict) => verdict === of).length
  const rows = judgements.map((judgement, at) => {
    const unit = judgement.limit.replace(/^[≤≥] *[\d.,]+ */, '') || '×'
    return [
      scenarioText(judgement.title),
      judgement.of,
      measuredText(judgement, unit),
      judgement.limit.includes(unit) ? judgement.limit : `${judgement.limit} ${unit}`,
      verdictHtml(verdicts[at] ?? 'not measured', judgement),
    ]
  })
  const other = (['not judged', 'not measured', 'left out', 'skipped'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `, ${count(verdict)} ${verdict}`)
  return {
    id: 'goals',
    title: 'Goals',
    body: html`<p>${count('reached')} of ${judgements.length} goals reached, ${count('missed')} missed${other}. A × is a multiple within the same round; the range behind a median is the smallest to the largest round.</p>
${tableHtml({ head: ['figure', 'of', 'median (smallest … largest)', 'goal', 'result'], rows, left: [1, 4] })}`,
  }
}

type Verdict = Judged | 'skipped'

/** The command does not judge what was skipped; a reader wants to see that it is a goal. */
function goalsSkipped({ name, isSmoke, skipped }: BenchEvidence): Judgement[] {
  if (isSmoke) return []
  return targets
    .filter(
      ({ bench, scenario }) => bench === name && skipped.some((it) => it.scenario === scenario),
    )
    .map((target) => ({
      bench: name,
      title: target.title,
      of: ofText(target),
      measured: undefined,
      limit: goalText(target),
      passed: false,
    }))
}

function ofText({ contestant, against }: Target): string {
  return against === undefined ? contestant : `${contestant} / ${against}`
}

function verdictOf(judgement: Judgement, evidence: Evidence): Verdict {
  const judged = judgedAs(judgement)
  if (judged !== 'not measured') return judged
  const target = targets.find((it) => it.title === judgement.title && ofText(it) === judgement.of)
  if (target === undefined) return 'not measured'
  const skipped = evidence
    .of(target.bench)
    .skipped.some(({ scenario }) => scenario === target.scenario)
  return skipped ? 'skipped' : 'not measured'
}

const classes: Readonly<Record<Verdict, string>> = {
  reached: 'reached',
  missed: 'missed',
  'not judged': 'open',
  'left out': 'open',
  'not measured': 'open',
  skipped: 'open',
}

function verdictHtml(verdict: Verdict, { why, noisy }: Judgement): Html {
  const rest = [why === undefined ? '' : `: ${why}`, noisy === true ? ', on a noisy machine' : '']
  return html`<span class="${classes[verdict]}">${verdict}</span>${rest}`
}

function measuredText({ measured }: Judgement, unit: string): string {
  if (measured == null) return '–'
  const { median, min, max, rounds } = measured
  return `${spread({ median, min, max, rounds, unit })}, n = ${rounds}`
}
