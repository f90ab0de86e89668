import * as Plot from '@observablehq/plot'
import { latestMsOf } from '../../../lib/core/keepalive-policy-lateness.js'
import type { Sample } from '../../harness/samples.js'
import type { Evidence } from '../evidence.js'
import { type Figure, halo, isNarrow } from '../figure.js'
import { number, period } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { scenarioText } from '../words/scenarios.js'

interface Row {
  readonly name: string
  readonly contestant: string
  readonly boundMs: number
  /** undefined: nobody promises anything. */
  readonly latestMs: number | undefined
  /** Smallest first. */
  readonly detectedMs: readonly number[]
}

/** How long after its peer fell silent each connection was ended, beside the bound its policy gives. */
export function detectionSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('detection')
  return benchSection(
    [bench],
    [distribution(rowsOf(bench.samples))],
    'Every client goes deaf, at a moment of its own between two probes, or with data on the way. The bound is what the policy computes; the kernel rounds timers up, by 13 % at most, and a report is promised one second after that. node:net takes the idle time alone: libuv’s interval of 1 s and 10 probes come with it, so its bound is another one. With data in flight it is not measured, as nothing bounds that but tcp_retries2: a quarter of an hour and more.',
  )
}

function rowsOf(samples: readonly Sample[]): Row[] {
  const rows = new Map<string, Sample[]>()
  for (const sample of samples) {
    const key = `${sample.scenario}\n${sample.contestant}`
    rows.set(key, [...(rows.get(key) ?? []), sample])
  }
  return [...rows.values()].flatMap((some): Row[] => {
    const boundMs = some.flatMap(boundOf)[0]
    const values = some.flatMap(({ values: all }) => all?.detectedMs ?? [])
    const [first] = some
    if (first === undefined || boundMs === undefined || values.length === 0) return []
    const { scenario, contestant, figures } = first
    const promised = contestant.startsWith('node') ? undefined : latestMsOf(boundMs)
    return [
      {
        name: scenarioText(scenario),
        contestant,
        boundMs,
        latestMs: figures.latestMs ?? promised,
        detectedMs: [...values].sort((a, b) => a - b),
      },
    ]
  })
}

function boundOf({ figures, parameters }: Sample): number[] {
  const names = ['boundMs', 'detectionMs']
  const found = names.flatMap((name) => parameters?.[name] ?? figures[name] ?? [])
  return found.filter((value) => value > 0).slice(0, 1)
}

const rowPx = 66
/** On a phone the text takes three lines. */
const narrowRowPx = 106
const binsPerPlot = 80

function distribution(rows: readonly Row[]): Figure | undefined {
  if (rows.length === 0) return undefined
  const middle = ({ detectedMs: all }: Row): number => all[Math.floor((all.length - 1) / 2)] ?? 0
  const contestants = [...new Set(rows.map(({ contestant }) => contestant))]
  const farMs = Math.max(
    ...rows.map((row) => Math.max(largestOf(row), row.boundMs, row.latestMs ?? 0)),
  )
  return {
    title: 'How long after it fell silent a dead peer was found',
    note: 'Lower is better, and none beyond what is promised. A column is as high as many connections were found in its part of the time; all rounds together. The bound is each policy’s own.',
    legend: [
      {
        name: 'found',
        marks: [Plot.rect([0], { x1: 0, x2: 2, y1: 0.3, y2: 1.7, fill: 'var(--series-1)' })],
      },
      { name: 'bound', marks: [Plot.ruleX([1], { stroke: 'var(--ink)', strokeWidth: 1.5 })] },
      {
        name: 'promised',
        marks: [Plot.ruleX([1], { stroke: 'var(--goal)', strokeWidth: 2, strokeDasharray: '4 2' })],
      },
    ],
    panels: contestants.map((contestant) => ({
      ...(contestants.length > 1 ? { heading: contestant } : {}),
      draw: (widthPx) =>
        drawRows(
          rows.filter((row) => row.contestant === contestant),
          farMs,
          widthPx,
        ),
    })),
    table: {
      head: [
        'policy',
        'bound',
        'connections',
        'found first',
        'median',
        'found last',
        'promised by',
        'kept',
      ],
      rows: rows.map((row) => [
        `${row.name}, ${row.contestant}`,
        period(row.boundMs),
        number(row.detectedMs.length),
        period(row.detectedMs[0] ?? 0),
        period(middle(row)),
        period(largestOf(row)),
        row.latestMs === undefined ? '–' : period(row.latestMs),
        keptText(row),
      ]),
    },
  }
}

function largestOf({ detectedMs }: Row): number {
  return detectedMs.at(-1) ?? 0
}

function keptText(row: Row): string {
  if (row.latestMs === undefined) return 'not promised'
  return largestOf(row) <= row.latestMs ? 'yes' : 'no'
}

function drawRows(rows: readonly Row[], farMs: number, widthPx: number): Plot.PlotOptions {
  const placed = rows.map((row, at) => ({ ...row, at }))
  const narrow = isNarrow(widthPx)
  // Of a row: how high the highest column is, and where the bound's line begins.
  const [part, top] = narrow ? [0.4, 0.5] : [0.5, 0.34]
  const binMs = farMs / binsPerPlot
  const bins = placed.flatMap(({ detectedMs, at }) => {
    const counts = new Map<number, number>()
    for (const ms of detectedMs) {
      const bin = Math.floor(ms / binMs)
      counts.set(bin, (counts.get(bin) ?? 0) + 1)
    }
    const most = Math.max(...counts.values())
    return [...counts].map(([bin, count]) => ({ bin, at, height: (count / most) * part }))
  })
  const promised = placed.flatMap((row) =>
    row.latestMs === undefined ? [] : [{ ...row, latest: row.latestMs / 1000 }],
  )
  const foot = 0.92
  type Placed = (typeof placed)[number]
  const title = (row: Placed): string =>
    narrow ? row.name.replace(', scaled to ', '\n') : `${row.name}, bound ${period(row.boundMs)}`
  const found = (row: Placed): string =>
    `last ${period(largestOf(row))}${row.latestMs === undefined ? '' : ` of ${period(row.latestMs)}`} · n = ${number(row.detectedMs.length)}`
  return {
    height: rows.length * (narrow ? narrowRowPx : rowPx) + 44,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 0,
    marginBottom: 44,
    x: {
      domain: [0, (farMs / 1000) * 1.03],
      label: 'time until it was found, s',
      labelArrow: 'none',
      labelAnchor: 'center',
      grid: true,
      ticks: narrow ? 5 : 10,
      tickFormat: number,
      tickSize: 0,
    },
    y: { domain: [rows.length, 0], axis: null },
    marks: [
      Plot.rect(bins, {
        x1: ({ bin }) => (bin * binMs) / 1000,
        x2: ({ bin }) => ((bin + 1) * binMs) / 1000,
        y1: ({ at }) => at + foot,
        y2: ({ at, height }) => at + foot - height,
        fill: 'var(--series-1)',
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      Plot.ruleY(placed, { y: ({ at }) => at + foot, stroke: 'var(--line)' }),
      Plot.ruleX(placed, {
        x: ({ boundMs }) => boundMs / 1000,
        y1: ({ at }) => at + top,
        y2: ({ at }) => at + foot,
        stroke: 'var(--ink)',
        strokeWidth: 1.5,
      }),
      Plot.ruleX(promised, {
        x: 'latest',
        y1: ({ at }) => at + top,
        y2: ({ at }) => at + foot,
        stroke: 'var(--goal)',
        strokeWidth: 2,
        strokeDasharray: '4 2',
      }),
      Plot.text(placed, {
        frameAnchor: 'left',
        y: ({ at }) => at + (narrow ? 0.16 : 0.18),
        text: title,
        ...halo,
      }),
      Plot.text(placed, {
        frameAnchor: narrow ? 'left' : 'right',
        y: ({ at }) => at + (narrow ? 0.39 : 0.18),
        text: found,
        ...halo,
      }),
    ],
  }
}
