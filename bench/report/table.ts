import type { BenchEvidence, Cell } from './evidence.js'
import { labelOf, quantity } from './format.js'
import { type Content, type Html, html } from './html.js'

export interface Table {
  readonly head: readonly string[]
  /** The first of a row names it; numbers come as text with their unit, and stand to the right. */
  readonly rows: readonly (readonly Content[])[]
  /** Columns of text that stand to the left, besides the first. Default: none. */
  readonly left?: readonly number[]
}

export function tableHtml({ head, rows, left = [] }: Table): Html {
  const kind = (at: number): string => (at === 0 || left.includes(at) ? 'text' : 'number')
  const heads = head.map((it, at) => html`<th scope="col" class="${kind(at)}">${it}</th>`)
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((it, at) =>
        at === 0 ? html`<th scope="row">${it}</th>` : html`<td class="${kind(at)}">${it}</td>`,
      )}</tr>`,
  )
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${head.join(', ')}">
<table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`
}

export function cellTable(cells: readonly Cell[]): Table {
  return {
    head: ['of', 'in', 'median', 'smallest', 'largest', 'rounds'],
    rows: cells.map((it) => [
      it.contestant,
      it.place,
      it.belowNoise ? 'below noise' : quantity(it.median, it.unit),
      ...[it.min, it.max].map((value) => quantity(value, it.unit)),
      it.rounds,
    ]),
    left: [1],
  }
}

/** Every figure of a bench, medians with their range, contestants side by side. */
export function everyFigure(bench: BenchEvidence): Html {
  const parts = bench.scenarios.map((scenario) => {
    const figures = bench.figures.map((figure) => ({
      figure,
      cells: bench.cells(figure).filter((cell) => cell.scenario === scenario),
    }))
    const shown = bench.contestants.filter((contestant) =>
      figures.some(({ cells }) => cells.some((cell) => cell.contestant === contestant)),
    )
    const rows = figures
      .filter(({ cells }) => cells.length > 0)
      .map(({ figure, cells }) => [
        labelOf(figure),
        ...shown.map((contestant) => spread(cells.find((cell) => cell.contestant === contestant))),
      ])
    return html`<h3>${bench.placeOf(scenario)}</h3>${tableHtml({ head: ['figure', ...shown], rows })}`
  })
  return html`<details><summary>Every figure of ${bench.name}, by scenario</summary>${parts}</details>`
}

/** 16,104 ns (15,950 … 16,400), or without the range where there was one round. */
export function spread(
  cell: Omit<Cell, 'scenario' | 'place' | 'contestant' | 'parameters'> | undefined,
) {
  if (cell === undefined) return '–'
  const { median, min, max, rounds, unit, belowNoise } = cell
  if (belowNoise) return 'below noise'
  if (rounds === 1) return quantity(median, unit)
  // The unit once: it ends the median.
  const bare = (value: number): string => quantity(value, unit).replace(/(\/s| \S+)$/, '')
  return `${quantity(median, unit)} (${bare(min)} … ${bare(max)})`
}
