import * as Plot from '@observablehq/plot'
import { latestMsOf } from '../../../lib/core/keepalive-policy-lateness.js'
import type { Sample } from '../../harness/samples.js'
import type { Evidence } from '../evidence.js'
import { type Figure, halo, isNarrow } from '../figure.js'
import { number, period } from '../format.js'
import { benchSection, type Section } from '../section.js'

interface Row {
  readonly name: string
  readonly contestant: string
  readonly boundMs: number
  /** undefined: nobody promises anything. */
  readonly latestMs: number | undefined
  /** Of the bound, smallest first. */
  readonly shares: readonly number[]
}

/** How long after its peer fell silent each connection was ended, of the bound its policy gives. */
export function detectionSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('detection')
  return benchSection(
    [bench],
    [distribution(rowsOf(bench.samples))],
    'Every client goes deaf, at a moment of its own between two probes, or with data on the way. The bound is what the policy computes; the kernel rounds timers up, by 13 % at most, and a report is promised one second after that.',
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
    const { scenario: name, contestant, figures } = first
    const promised = contestant.startsWith('node') ? undefined : latestMsOf(boundMs)
    return [
      {
        name,
        contestant,
        boundMs,
        latestMs: figures.latestMs ?? promised,
        shares: values.map((value) => value / boundMs).sort((a, b) => a - b),
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
/** On a phone the text takes two lines. */
const narrowRowPx = 84
const binsPerBound = 50

function distribution(rows: readonly Row[]): Figure | undefined {
  if (rows.length === 0) return undefined
  const middle = ({ shares }: Row): number => shares[Math.floor((shares.length - 1) / 2)] ?? 0
  const largest = ({ shares }: Row): number => shares.at(-1) ?? 0
  const contestants = [...new Set(rows.map(({ contestant }) => contestant))]
  const far = Math.max(
    ...rows.map((row) => Math.max(largest(row), (row.latestMs ?? 0) / row.boundMs)),
  )
  return {
    title: 'When a dead peer was found, as a share of the bound',
    note: 'One column for each fiftieth of the bound, as high as many connections were found in it; all rounds together.',
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
          far,
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
        number(row.shares.length),
        period((row.shares[0] ?? 0) * row.boundMs),
        period(middle(row) * row.boundMs),
        period(largest(row) * row.boundMs),
        row.latestMs === undefined ? '–' : period(row.latestMs),
        keptText(row),
      ]),
    },
  }
}

function keptText({ shares, boundMs, latestMs }: Row): string {
  if (latestMs === undefined) return 'not promised'
  return (shares.at(-1) ?? 0) * boundMs <= latestMs ? 'yes' : 'no'
}

function drawRows(rows: readonly Row[], far: number, widthPx: number): Plot.PlotOptions {
  const placed = rows.map((row, at) => ({ ...row, at, last: row.shares.at(-1) ?? 0 }))
  const bins = placed.flatMap(({ shares, at }) => {
    const counts = new Map<number, number>()
    for (const share of shares) {
      const bin = Math.floor(share * binsPerBound)
      counts.set(bin, (counts.get(bin) ?? 0) + 1)
    }
    const most = Math.max(...counts.values())
    return [...counts].map(([bin, count]) => ({ bin, at, height: (count / most) * 0.5 }))
  })
  const promised = placed.flatMap((row) =>
    row.latestMs === undefined ? [] : [{ ...row, latest: row.latestMs / row.boundMs }],
  )
  const foot = 0.92
  const narrow = isNarrow(widthPx)
  type Placed = (typeof placed)[number]
  const title = (row: Placed): string =>
    narrow ? row.name : `${row.name}, bound ${period(row.boundMs)}`
  const found = (row: Placed): string =>
    `last ${period(row.last * row.boundMs)}${row.latestMs === undefined ? '' : ` of ${period(row.latestMs)}`} · n = ${number(row.shares.length)}`
  return {
    height: rows.length * (narrow ? narrowRowPx : rowPx) + 44,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 0,
    marginBottom: 44,
    x: {
      domain: [0, far * 1.03],
      label: 'time until it was found, % of the bound',
      labelArrow: 'none',
      labelAnchor: 'center',
      grid: true,
      ticks: narrow ? 5 : 10,
      tickFormat: (value: number) => `${Math.round(value * 100)}`,
      tickSize: 0,
    },
    y: { domain: [rows.length, 0], axis: null },
    marks: [
      Plot.rect(bins, {
        x1: ({ bin }) => bin / binsPerBound,
        x2: ({ bin }) => (bin + 1) / binsPerBound,
        y1: ({ at }) => at + foot,
        y2: ({ at, height }) => at + foot - height,
        fill: 'var(--series-1)',
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      Plot.ruleY(placed, { y: ({ at }) => at + foot, stroke: 'var(--line)' }),
      Plot.ruleX(placed, {
        x: () => 1,
        y1: ({ at }) => at + 0.34,
        y2: ({ at }) => at + foot,
        stroke: 'var(--ink)',
        strokeWidth: 1.5,
      }),
      Plot.ruleX(promised, {
        x: 'latest',
        y1: ({ at }) => at + 0.34,
        y2: ({ at }) => at + foot,
        stroke: 'var(--goal)',
        strokeWidth: 2,
        strokeDasharray: '4 2',
      }),
      Plot.text(placed, {
        frameAnchor: 'left',
        y: ({ at }) => at + (narrow ? 0.12 : 0.18),
        text: title,
        ...halo,
      }),
      Plot.text(placed, {
        frameAnchor: narrow ? 'left' : 'right',
        y: ({ at }) => at + (narrow ? 0.32 : 0.18),
        text: found,
        ...halo,
      }),
    ],
  }
}
