import * as Plot from '@observablehq/plot'
import type { Evidence } from '../evidence.js'
import { type Figure, halo, isNarrow } from '../figure.js'
import { quantity, short } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { barsOf } from './generic.js'

const parts = ['JS heap', 'other memory of the process', 'kernel, both ends'] as const
const colors = ['var(--series-2)', 'var(--series-1)', 'var(--other)'] as const

interface Row {
  readonly contestant: string
  readonly bytes: readonly [number, number, number]
  readonly rounds: number
}

/** What a connection that says nothing takes, in the process and in the kernel. */
export function idleSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('idle')
  const figures = bench.scenarios.map((scenario) => {
    const of = (figure: string, contestant: string): number | undefined =>
      bench
        .cells(figure)
        .find((cell) => cell.scenario === scenario && cell.contestant === contestant)?.median
    const rows = bench.contestants.flatMap((contestant): Row[] => {
      const resident = of('residentBytes', contestant)
      if (resident === undefined) return []
      // Collected and grown again between two readings, the heap may have more than the process grew.
      const heap = Math.min(Math.max(0, of('heapBytes', contestant) ?? 0), Math.max(0, resident))
      const kernel = of('kernelBytes', contestant) ?? of('slabBytes', contestant) ?? 0
      const rounds = bench.samples.filter(
        (it) => it.scenario === scenario && it.contestant === contestant,
      ).length
      return [{ contestant, bytes: [heap, Math.max(0, resident - heap), kernel], rounds }]
    })
    return stackFigure(bench.placeOf(scenario), rows)
  })
  return benchSection(
    [bench],
    [...figures, barsOf(bench, 'residentBytes')],
    'Resident memory of the server’s process, after collecting garbage, less what it had without connections. The JS heap is part of it. The kernel’s memory is not: what is shown is what it took for both ends of a connection, since the client’s is on this machine too, about twice what holdfast plan counts for the server’s end. What a server takes there beyond raw-epoll is its own.',
  )
}

function stackFigure(place: string, rows: readonly Row[]): Figure | undefined {
  if (rows.length === 0) return undefined
  const rounds = Math.max(...rows.map((row) => row.rounds))
  const shown = parts
    .map((name, at) => ({ name, at }))
    .filter(({ at }) => rows.some(({ bytes }) => (bytes[at] ?? 0) > 0))
  return {
    title: `Memory of an idle connection, ${place}`,
    note: `Lower is better. Medians, n = ${rounds} round${rounds === 1 ? '' : 's'}.${shown.length < parts.length ? ' What is not in the legend was not measured, or is nothing.' : ''}`,
    legend: shown.map(({ name, at }) => ({
      name,
      marks: [Plot.rect([0], { x1: 0, x2: 2, y1: 0.3, y2: 1.7, fill: colors[at] ?? '' })],
    })),
    panels: [{ draw: (widthPx) => drawStacks(rows, widthPx) }],
    table: {
      head: ['of', ...parts, 'together'],
      rows: rows.map(({ contestant, bytes }) => [
        contestant,
        ...bytes.map((value) => quantity(value, 'bytes')),
        quantity(sum(bytes), 'bytes'),
      ]),
    },
  }
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

function drawStacks(rows: readonly Row[], widthPx: number): Plot.PlotOptions {
  const placed = rows.map((row, at) => ({ ...row, at }))
  const pieces = placed.flatMap(({ bytes, at }) =>
    bytes.map((size, part) => {
      const from = sum(bytes.slice(0, part))
      return { at, from, to: from + size, color: colors[part] ?? '' }
    }),
  )
  return {
    height: rows.length * 42 + 44,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 0,
    marginBottom: 44,
    x: {
      domain: [0, Math.max(1, ...rows.map(({ bytes }) => sum(bytes))) * 1.03],
      label: 'bytes a connection, the kernel’s for both its ends',
      labelArrow: 'none',
      labelAnchor: 'center',
      grid: true,
      ticks: isNarrow(widthPx) ? 4 : 8,
      tickFormat: short,
      tickSize: 0,
    },
    y: { domain: [rows.length, 0], axis: null },
    marks: [
      Plot.rect(pieces, {
        x1: 'from',
        x2: 'to',
        y1: ({ at }) => at + 0.52,
        y2: ({ at }) => at + 0.88,
        fill: 'color',
      }),
      Plot.text(placed, {
        frameAnchor: 'left',
        y: ({ at }) => at + 0.28,
        text: 'contestant',
        ...halo,
      }),
      Plot.text(placed, {
        frameAnchor: 'right',
        y: ({ at }) => at + 0.28,
        text: ({ bytes }) => quantity(Math.round(sum(bytes)), 'bytes'),
        ...halo,
      }),
    ],
  }
}
