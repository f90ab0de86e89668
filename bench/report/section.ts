import type { BenchEvidence } from './evidence.js'
import { type Figure, figureHtml } from './figure.js'
import { type Content, type Html, html } from './html.js'
import { everyFigure } from './table.js'
import { scenarioText } from './words/scenarios.js'
import { serverWords } from './words/servers.js'

/** A part of the report with a place of its own in the list of contents. */
export interface Section {
  readonly id: string
  readonly title: string
  /** Of a smoke run: sizes are tiny, and figures say nothing of speed. */
  readonly isSmoke?: boolean
  readonly body: Content
}

export function sectionHtml({ id, title, isSmoke, body }: Section): Html {
  const mark = isSmoke === true ? html` <span class="smoke">smoke run</span>` : ''
  return html`<section id="${id}"><h2>${title}${mark}</h2>
${body}
</section>
`
}

/** What every bench's part has: what is missing and why, its figures, and all numbers. */
export function benchSection(
  benches: readonly BenchEvidence[],
  figures: readonly (Figure | undefined)[],
  lead: Content = '',
): Section | undefined {
  const present = benches.filter(
    (it) => it.samples.length + it.skipped.length + it.troubles.length > 0,
  )
  const first = present[0]
  if (first === undefined) return undefined
  const drawn = figures.filter((it) => it !== undefined).filter(({ panels }) => panels.length > 0)
  return {
    id: `bench-${first.name}`,
    title: first.title,
    isSmoke: present.some(({ isSmoke }) => isSmoke),
    body: [
      lead === '' ? '' : html`<p>${lead}</p>`,
      legendOf(present),
      ...present.map(missing),
      ...present.map(notes),
      ...drawn.map(figureHtml),
      ...present.filter(({ samples }) => samples.length > 0).map(everyFigure),
    ],
  }
}

/** What each server is. */
function legendOf(benches: readonly BenchEvidence[]): Content {
  const names = [...new Set(benches.flatMap(({ contestants }) => contestants))]
  const known = names.flatMap((name) => {
    const { about } = serverWords(name)
    return about === undefined ? [] : [html`<dt>${name}</dt><dd>${about}</dd>`]
  })
  return known.length === 0 ? '' : html`<dl class="servers">${known}</dl>`
}

/** What no figure can say: what stopped it before its goal. */
function notes({ samples }: BenchEvidence): Content {
  const said = samples.flatMap((sample) => {
    const { scenario, parameters, contestant, note } = sample
    return note === undefined
      ? []
      : [`${scenarioText(scenario, parameters)}, ${contestant}: ${note}`]
  })
  if (said.length === 0) return ''
  return html`<div class="notice">Beside the figures<ul>${[...new Set(said)].map((it) => html`<li>${it}</li>`)}</ul></div>`
}

function missing({ name, skipped, troubles }: BenchEvidence): Content {
  const lines = [
    ...troubles.map((trouble) => html`<li>${name}: ${trouble}</li>`),
    ...skipped.map(
      ({ scenario, shortages }) =>
        html`<li>${scenarioText(scenario)}: skipped. ${shortages.map(
          ({ what, needed, have, raise }) => `${what}: ${needed} needed, ${have} there; ${raise}. `,
        )}</li>`,
    ),
  ]
  if (lines.length === 0) return ''
  return html`<div class="notice">Not measured<ul>${lines}</ul></div>`
}
