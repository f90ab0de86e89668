import type { Evidence } from '../evidence.js'
import { number } from '../format.js'
import { html } from '../html.js'
import type { Section } from '../section.js'
import { tableHtml } from '../table.js'

/** Operations by themselves, in a loop: of each the newest run. */
export function microSection(evidence: Evidence): Section | undefined {
  const newest = new Map(
    evidence.runs.flatMap((run) => run.micro).map((it) => [`${it.suite}\n${it.name}`, it]),
  )
  const results = [...newest.values()]
  if (results.length === 0) return undefined
  const rows = results.map((it) => [
    it.suite,
    it.name,
    `${number(it.nsPerOperation)} ns`,
    `± ${number(it.errorPercent)} %`,
    it.samples,
  ])
  return {
    id: 'micro',
    title: 'Operations by themselves',
    isSmoke: evidence.of('micro').isSmoke,
    body: html`<p>The mean over batches, and its error at 95 % confidence. Percentiles do not come out of this method, and nothing here is judged.</p>
${tableHtml({ head: ['suite', 'operation', 'time', 'error', 'n, batches'], rows, left: [1] })}`,
  }
}
