import * as Plot from '@observablehq/plot'
import { JSDOM } from 'jsdom'
import { Html, html } from './html.js'
import { type Table, tableHtml } from './table.js'

/** A figure: what it shows in words, its plots, and the same as a table. */
export interface Figure {
  readonly title: string
  /** What is behind it: how many rounds, what the lines are. */
  readonly note: string
  readonly legend?: readonly Key[]
  readonly panels: readonly Panel[]
  readonly table: Table
}

export interface Panel {
  readonly heading?: string
  draw(widthPx: number): Plot.PlotOptions
}

export interface Key {
  readonly name: string
  readonly marks: readonly Plot.Markish[]
}

/** Each plot is drawn twice, and a style sheet chooses: text keeps its size, whatever the width. */
const widths = { wide: 880, narrow: 358 } as const
export const fontPx = 13
/** Of text in a plot; the page's color around it hides the lines that it crosses. */
export const halo = { fill: 'var(--ink)', stroke: 'var(--page)', strokeWidth: 4, fontSize: fontPx }

export const isNarrow = (widthPx: number): boolean => widthPx < 500

const { document } = new JSDOM('').window

export function figureHtml({ title, note, legend, panels, table }: Figure): Html {
  return html`<figure><figcaption><strong>${title}</strong> <span class="note">${note}</span></figcaption>
${legend === undefined ? '' : html`<ul class="legend">${legend.map(keyHtml)}</ul>`}
${panels.map((panel) => panelHtml(title, panel))}
<details><summary>The same as a table</summary>${tableHtml(table)}</details></figure>
`
}

function panelHtml(title: string, { heading, draw }: Panel): Html {
  const label = heading === undefined ? title : `${title}: ${heading}`
  const head = heading === undefined ? '' : html`<p class="panel">${heading}</p>`
  const drawings = Object.entries(widths).map(
    ([name, width]) =>
      html`<div class="${name}">${svgOf({ ...draw(width), width }, { role: 'img', 'aria-label': label })}</div>`,
  )
  return html`${head}${drawings}`
}

function keyHtml({ name, marks }: Key): Html {
  const scales = { x: { axis: null, domain: [0, 2] }, y: { axis: null, domain: [0, 2] } } as const
  const options = { width: 28, height: 14, margin: 0, ...scales, marks: [...marks] }
  return html`<li><span class="key">${svgOf(options, { 'aria-hidden': 'true' })}</span>${name}</li>`
}

/** What is used of an SVGSVGElement: no types of a browser's document are loaded here. */
interface Drawn {
  querySelector(selector: string): { remove(): void } | null
  setAttribute(name: string, value: string): void
  readonly outerHTML: string
}

// What Plot draws is escaped by its document.
function svgOf(options: Plot.PlotOptions, attributes: Readonly<Record<string, string>>): Html {
  const svg = Plot.plot({
    document: document as never,
    className: 'plot',
    style: { fontSize: `${fontPx}px`, fontFamily: 'inherit', overflow: 'visible' },
    ...options,
  }) as unknown as Drawn
  // The page's style sheet has what is needed of it.
  svg.querySelector('style')?.remove()
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value)
  return new Html(svg.outerHTML)
}
