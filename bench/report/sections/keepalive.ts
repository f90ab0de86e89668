import { linesFigure, type Series } from '../charts/lines.js'
import { roundsText } from '../charts/rows.js'
import type { BenchEvidence, Cell, Evidence } from '../evidence.js'
import type { Figure } from '../figure.js'
import { labelOf } from '../format.js'
import { benchSection, type Section } from '../section.js'
import { figureWords } from '../words/figures.js'
import { barsOf } from './generic.js'
import { seriesOf, variesBy } from './series.js'

/** What it adds to an accept: keepalive off, inherited from the listener, set on each socket. */
export function keepaliveSection(evidence: Evidence): Section | undefined {
  const bench = evidence.of('keepalive')
  const names = bench.figures.filter((figure) => /ns$|calls/i.test(figure))
  return benchSection(
    [bench],
    names.map((figure) => byConnections(bench, figure)),
    'Settings that an accepted socket inherits from its listener cost no system call of their own; settings made on each socket do.',
  )
}

/** Lines over the number of connections where there are several, bars where there is one. */
function byConnections(bench: BenchEvidence, figure: string): Figure | undefined {
  const cells = bench.cells(figure)
  if (!variesBy(cells, 'connections')) return barsOf(bench, figure)
  const words = figureWords(bench.name, figure)
  const servers = [...new Set(cells.map(serverOf))]
  return linesFigure({
    title: words.title,
    note: `${words.note} ${roundsText(cells)}`,
    x: { label: 'connections', log: true },
    y: { label: labelOf(figure, words.axis) },
    series: servers.flatMap((server) =>
      seriesOf(
        cells.filter((cell) => serverOf(cell) === server),
        'connections',
        kindOf,
      ).map((it): Series => {
        const kind = Math.max(0, kinds.indexOf(it.name))
        const series = { ...it, color: kind, symbol: kind }
        return server === '' ? series : { ...series, panel: server }
      }),
    ),
  })
}

/** A color for each. */
const kinds = ['inherited', 'per-socket', 'off']

const server = /^(holdfast-(epoll|uv)|raw-(epoll|libuv)|node-net)-?/

function serverOf({ contestant }: Cell): string {
  return server.exec(contestant)?.[1] ?? ''
}

/** By a contestant's name: holdfast inherits unless told otherwise, the others have it off. */
function kindOf({ contestant }: Cell): string {
  const rest = contestant.replace(server, '')
  if (rest !== '') return rest === 'keepalive' ? 'per-socket' : rest
  return contestant.startsWith('holdfast') ? 'inherited' : 'off'
}
