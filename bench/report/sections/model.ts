import { planKeepalive } from '../../../lib/core/keepalive-plan.js'
import { PROBE_CPU_US } from '../../../lib/core/keepalive-plan-costs.js'
import { type LinePoint, linesFigure, type Series } from '../charts/lines.js'
import type { Cell, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { figureHtml } from '../figure.js'
import { number, period } from '../format.js'
import { html } from '../html.js'
import type { Section } from '../section.js'

const periodsMs = [1000, 5000, 15_000, 60_000]
const counts = [3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7].map((exponent) => Math.round(10 ** exponent))
const daySeconds = 86_400

type Plan = ReturnType<typeof planKeepalive>

/** The formulas of `holdfast plan` up to ten million connections, and what was measured upon them. */
export function modelSection(evidence: Evidence): Section | undefined {
  const probes = evidence.of('probes')
  if (probes.samples.length === 0 && evidence.of('idle').samples.length === 0) return undefined
  const kernel = (figure: string): Cell[] =>
    probes.cells(figure).filter(({ contestant }) => contestant === 'kernel-probes')
  const figures = [
    figureOf(
      'Probes per second',
      'probes/s',
      (plan) => plan.probes.perSecond,
      kernel('probesPerSecond'),
    ),
    figureOf(
      'CPU of the probes, both ends',
      'CPU, cores',
      (plan) => plan.probes.cpuCores,
      withoutIdle(kernel('machineCpuCores'), probes.cells('machineCpuCores')),
      'Measured: the whole machine, less what it used with keepalive off where that was measured.',
    ),
    figureOf(
      'Bytes on the wire, both ways',
      'bytes/s',
      (plan) => (plan.probes.sentBytesPerDay + plan.probes.receivedBytesPerDay) / daySeconds,
      kernel('bytesPerConnectionDay').map(perSecondOfAll),
    ),
    memoryFigure(evidence),
  ]
  return {
    id: 'model',
    title: 'Model and measurement, out to ten million connections',
    body: [
      html`<p>Dashed lines are computed by <code>planKeepalive</code>, as <code>holdfast plan</code> prints them; dots are measured. Beyond the largest measured number of connections everything is computed, and nobody has seen it here. A probe and its answer are taken as ${PROBE_CPU_US} µs of CPU, both ends together; <code>holdfast plan</code> prints where and when that was measured.</p>`,
      ...figures.filter((it) => it !== undefined).map(figureHtml),
    ],
  }
}

function planOf(connections: number, idleMs: number): Plan {
  return planKeepalive({ idleMs, intervalMs: idleMs, count: 3 }, { connections })
}

function figureOf(
  title: string,
  label: string,
  amountOf: (plan: Plan) => number,
  measured: readonly Cell[],
  note = '',
): Figure {
  const computed = periodsMs.map(
    (idleMs, color): Series => ({
      name: `every ${period(idleMs)}`,
      color,
      computed: true,
      points: counts.map((x) => ({ x, y: amountOf(planOf(x, idleMs)) })),
    }),
  )
  const dots = periodsMs.map(
    (idleMs, color): Series => ({
      name: `every ${period(idleMs)} (measured)`,
      color,
      unconnected: true,
      points: measured.filter(({ parameters }) => parameters.idleMs === idleMs).flatMap(pointOf),
    }),
  )
  return linesFigure({
    title,
    note: `By how long a connection is idle before it is asked. ${note}`,
    x: { label: 'connections', log: true },
    y: { label, log: true },
    series: [...computed, ...dots],
    verticals: largestOf(dots),
  })
}

function memoryFigure(evidence: Evidence): Figure | undefined {
  const idle = evidence.of('idle')
  const of = (figure: string): Cell | undefined =>
    idle.cells(figure).find(({ contestant }) => contestant === 'holdfast-epoll')
  const user = of('residentBytes')
  const kernel = of('kernelBytes')
  if (user === undefined) return undefined
  const bytes = user.median + (kernel?.median ?? 0)
  const held = ['hold', 'million', 'probes'].flatMap((name) => {
    const bench = evidence.of(name)
    const figure = bench.first('memoryBytesPerConnection', 'bytesPerConnection')
    return figure === undefined ? [] : bench.cells(figure).map(memoryOfAll)
  })
  const at = user.parameters.connections ?? Number.parseInt(user.scenario, 10)
  const series: Series[] = [
    {
      name: `${number(bytes)} bytes a connection`,
      color: 0,
      computed: true,
      points: counts.map((x) => ({ x, y: (bytes * x) / 2 ** 30 })),
    },
    {
      name: 'measured',
      color: 0,
      unconnected: true,
      points: [
        ...(Number.isFinite(at) ? [{ x: at, y: (bytes * at) / 2 ** 30 }] : []),
        ...held.flatMap(pointOf),
      ],
    },
  ]
  return linesFigure({
    title: 'Memory of the server, of idle connections',
    note:
      kernel === undefined
        ? 'User space alone: the kernel’s was not measured in these runs. A line through what one connection took in the bench idle.'
        : 'User space and the server’s end in the kernel. A line through what one connection took in the bench idle.',
    x: { label: 'connections', log: true },
    y: { label: 'memory, GiB', log: true },
    series,
    verticals: largestOf(series.slice(1)),
  })
}

function largestOf(measured: readonly Series[]) {
  const places = measured.flatMap(({ points }) => points.map(({ x }) => x))
  if (places.length === 0) return []
  return [{ at: Math.max(...places), label: 'beyond: computed' }]
}

function pointOf({ parameters, median, min, max }: Cell): LinePoint[] {
  const x = parameters.connections
  return x === undefined ? [] : [{ x, y: median, low: min, high: max }]
}

function times(cell: Cell, factor: number): Cell {
  const { median, min, max } = cell
  return { ...cell, median: median * factor, min: min * factor, max: max * factor }
}

const perSecondOfAll = (cell: Cell): Cell =>
  times(cell, (cell.parameters.connections ?? Number.NaN) / daySeconds)

const memoryOfAll = (cell: Cell): Cell =>
  times(cell, (cell.parameters.connections ?? Number.NaN) / 2 ** 30)

/** What the probes add to a machine that holds as many connections and asks none. */
function withoutIdle(probing: readonly Cell[], all: readonly Cell[]): Cell[] {
  return probing.map((cell) => {
    const off = all.find(
      ({ contestant, parameters }) =>
        contestant === 'keepalive-off' && parameters.connections === cell.parameters.connections,
    )
    if (off === undefined) return cell
    const less = (value: number): number => Math.max(0, value - off.median)
    return { ...cell, median: less(cell.median), min: less(cell.min), max: less(cell.max) }
  })
}
