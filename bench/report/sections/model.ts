import { codeOf } from '../../../lib/cli/plan-code.js'
import { planText } from '../../../lib/cli/plan-text.js'
import { planKeepalive } from '../../../lib/core/keepalive-plan.js'
import { PROBE_CPU_US } from '../../../lib/core/keepalive-plan-costs.js'
import { KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'
import { type LinePoint, linesFigure, type Series } from '../charts/lines.js'
import type { Cell, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { figureHtml } from '../figure.js'
import { period } from '../format.js'
import { type Html, html } from '../html.js'
import type { Section } from '../section.js'
import { betterText } from '../words/figures.js'
import { noiseText } from './series.js'

const periodsMs = [1000, 5000, 15_000, 60_000]
const counts = [3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7].map((exponent) => Math.round(10 ** exponent))
const daySeconds = 86_400
const gib = 2 ** 30

type Plan = ReturnType<typeof planKeepalive>

/** The formulas of `holdfast plan` up to ten million connections, and what was measured upon them. */
export function modelSection(evidence: Evidence): Section | undefined {
  const asked = ['probes', 'heartbeat'].map((name) => evidence.of(name))
  const measured = ['probes', 'heartbeat', 'idle', 'hold', 'million']
  if (measured.every((name) => evidence.of(name).samples.length === 0)) return undefined
  const kernel = (figure: string): Cell[] =>
    asked.flatMap((bench) =>
      bench.cells(figure).filter(({ contestant }) => contestant === 'kernel-probes'),
    )
  const figures = [
    figureOf(
      'Probes per second',
      'probes/s',
      (plan) => plan.probes.perSecond,
      kernel('asksPerSecond'),
    ),
    figureOf(
      'CPU of the probes, both ends',
      'CPU, cores',
      (plan) => plan.probes.cpuCores,
      kernel('machineCpuCores'),
      ' They are what asking added to the whole machine.',
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
    isSmoke: measured.some((name) => evidence.of(name).isSmoke),
    body: [
      html`<p>Dashed lines are computed by <code>planKeepalive</code>, as <code>holdfast plan</code> prints them; dots are measured. Beyond the largest measured number of connections everything is computed, and nobody has seen it here. A probe and its answer are taken as ${PROBE_CPU_US} µs of CPU, both ends together; <code>holdfast plan</code> prints where and when that was measured.</p>`,
      ...figures.map(figureHtml),
      planHtml(),
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
      name: `every ${period(idleMs)}`,
      color,
      unconnected: true,
      points: measured.filter(({ parameters }) => parameters.idleMs === idleMs).flatMap(pointOf),
    }),
  )
  return linesFigure({
    title,
    note: [
      'By how long a connection is idle before it is asked: dashed is computed.',
      measured.length > 0 ? `Dots are measured.${note}` : 'These files have no measurement of it.',
      `${betterText.lower}${noiseText(measured)}`,
    ].join(' '),
    x: { label: 'connections', log: true },
    y: { label, log: true },
    series: [...computed, ...dots],
    verticals: largestOf(dots),
  })
}

function memoryFigure(evidence: Evidence): Figure {
  const computed = (name: string, color: number, of: (plan: Plan) => number): Series => ({
    name,
    color,
    computed: true,
    points: counts.map((x) => ({ x, y: of(planOf(x, 60_000)) / gib })),
  })
  const measured = (name: string, color: number, figure: string, ends: number): Series => ({
    name,
    color,
    unconnected: true,
    points: [
      ...memoryOf(evidence, 'idle', 'holdfast-epoll', figure, ends),
      ...['hold', 'million'].flatMap((bench) =>
        memoryOf(evidence, bench, 'kernel-probes', figure, ends),
      ),
    ],
  })
  const process = 'the server’s processes'
  const kernel = 'the kernel, the server’s end'
  const dots = [measured(process, 0, 'residentBytes', 1), measured(kernel, 1, 'kernelBytes', 2)]
  return linesFigure({
    title: 'Memory of idle connections',
    note: 'Dashed is computed, dots are measured. Lower is better. What an application keeps for a connection comes on top. Where both ends were on this machine, half of what the kernel took for both is shown.',
    x: { label: 'connections', log: true },
    y: { label: 'memory, GiB', log: true },
    series: [
      computed(process, 0, ({ memory }) => memory.processBytes),
      computed(kernel, 1, ({ memory }) => memory.kernelBytes),
      ...dots,
    ],
    verticals: largestOf(dots),
  })
}

/** For one of the points, what `holdfast plan` prints: to be laid beside the plots. */
function planHtml(): Html {
  const policy = KeepalivePolicy.from({ idleMs: 60_000, intervalMs: 60_000, count: 3 })
  const lines = planText(planKeepalive(policy, { connections: 100_000 }), codeOf(policy))
  return html`<p>The same at one point, as the command prints it:</p>
<pre tabindex="0"><code>$ holdfast plan --keepalive 60000/60000/3 --connections 100000
${lines.join('\n')}</code></pre>`
}

/** Of all connections that were held, from what one of them took. */
function memoryOf(
  evidence: Evidence,
  name: string,
  contestant: string,
  figure: string,
  ends: number,
): LinePoint[] {
  const bench = evidence.of(name)
  const held = bench.cells('heldConnections')
  return bench
    .cells(figure)
    .filter((cell) => cell.contestant === contestant)
    .flatMap((cell) => {
      const reached = held.find(({ scenario }) => scenario === cell.scenario)?.median
      const x = reached ?? cell.parameters.connections
      if (x === undefined || x === 0) return []
      return pointOf({
        ...times(cell, x / ends / gib),
        parameters: { connections: x },
      })
    })
}

function largestOf(measured: readonly Series[]) {
  const places = measured.flatMap(({ points }) => points.map(({ x }) => x))
  if (places.length === 0) return []
  return [{ at: Math.max(...places), label: 'beyond: computed' }]
}

function pointOf({ parameters, median, min, max, belowNoise }: Cell): LinePoint[] {
  const x = parameters.connections
  // On a log axis there is no place for a difference that came out as nothing.
  return x === undefined || belowNoise || median <= 0 ? [] : [{ x, y: median, low: min, high: max }]
}

function times(cell: Cell, factor: number): Cell {
  const { median, min, max } = cell
  return { ...cell, median: median * factor, min: min * factor, max: max * factor }
}

const perSecondOfAll = (cell: Cell): Cell =>
  times(cell, (cell.parameters.connections ?? Number.NaN) / daySeconds)
