import type { Result } from './scenario.js'

const COLUMNS = [
  'scenario',
  'family',
  'io',
  'reported',
  'code',
  'after cut',
  'bound',
  'seen',
] as const

function cellsOf(result: Result): string[] {
  const { scenario, family, io, reason, code, afterCutMs, boundMs, seen } = result
  return [
    scenario,
    family,
    io,
    reason ?? 'nothing',
    code ?? '–',
    afterCutMs === null ? '–' : seconds(Math.max(0, afterCutMs)),
    reason === null ? `held ${seconds(boundMs)}` : seconds(boundMs),
    seen,
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}

/** For a terminal; a row that went wrong is followed by what went wrong. */
export function printTable(results: readonly Result[]): string {
  const rows = results.map(cellsOf)
  const width = (at: number): number =>
    Math.max(...[COLUMNS, ...rows].map((cells) => cells[at]?.length ?? 0))
  const widths = COLUMNS.map((_, at) => width(at))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    line(COLUMNS),
    ...results.flatMap((result, at) => [
      line(rows[at] ?? []),
      ...result.problems.map((problem) => `    WRONG: ${problem}`),
    ]),
  ].join('\n')
}

/** For the documentation. The two Io implementations of a scenario share a row. */
export function markdownTable(results: readonly Result[]): string {
  const groups = new Map<string, Result[]>()
  for (const result of results) {
    const key = `${result.scenario} ${result.family}`
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  const rows = [...groups.values()].map((group) => {
    const [first] = group
    if (first === undefined) return ''
    const each = (text: (result: Result) => string): string =>
      [...new Set(group.map(text))].join(' / ')
    const times = group.map(({ io, afterCutMs }) =>
      afterCutMs === null ? '–' : `${seconds(Math.max(0, afterCutMs))} (${io})`,
    )
    const cells = [
      first.scenario,
      first.family,
      each(({ reason }) => (reason === null ? 'nothing' : `\`${reason}\``)),
      each(({ code }) => code ?? '–'),
      [...new Set(times)].join(', '),
      each((result) => cellsOf(result)[6] ?? ''),
      each(({ seen }) => seen || '–'),
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return [
    '| scenario | family | reported | code | after the cut | bound | seen besides |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
