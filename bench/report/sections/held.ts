import type { BenchEvidence, Evidence } from '../evidence.js'
import { unitOf, wordsOf } from '../format.js'
import { type Html, html } from '../html.js'
import { benchSection, type Section } from '../section.js'
import { spread, tableHtml } from '../table.js'

/** Very many connections held for a minute: what came of each, and what stopped it where it stopped. */
export function heldSections(evidence: Evidence): (Section | undefined)[] {
  return ['hold', 'million'].map((name) => {
    const bench = evidence.of(name)
    const section = benchSection(
      [bench],
      [],
      'Memory is of one connection: resident in the server’s processes, and in the kernel for both ends.',
    )
    if (section === undefined || bench.samples.length === 0) return section
    return {
      ...section,
      body: [section.body, bench.scenarios.map((scenario) => facts(bench, scenario))],
    }
  })
}

function facts(bench: BenchEvidence, scenario: string): Html {
  const of = bench.contestants.flatMap((contestant) => {
    const rows = bench.figures.flatMap((figure) => {
      const cell = bench
        .cells(figure)
        .find((it) => it.scenario === scenario && it.contestant === contestant)
      if (cell === undefined) return []
      // A count has no unit: its name says of what.
      const unit = unitOf(figure)
      return [[wordsOf(figure), spread({ ...cell, unit })]]
    })
    return rows.length === 0
      ? []
      : [
          html`<h3>${bench.placeOf(scenario)}, ${contestant}</h3>${tableHtml({ head: ['what', 'measured'], rows })}`,
        ]
  })
  return html`${of}`
}
