import type { LinePoint, Series } from '../charts/lines.js'
import { type Cell, isBaseline } from '../evidence.js'

/** Cells as lines: by a name made of a cell, over one of its parameters. Those without it are left out. */
export function seriesOf(
  cells: readonly Cell[],
  parameter: string,
  nameOf: (cell: Cell) => string = (cell) => cell.contestant,
): Series[] {
  const byName = new Map<string, LinePoint[]>()
  for (const cell of cells) {
    const x = cell.parameters[parameter]
    if (x === undefined) continue
    const points = byName.get(nameOf(cell)) ?? []
    points.push({ x, y: cell.median, low: cell.min, high: cell.max })
    byName.set(nameOf(cell), points)
  }
  const colors = oursFirst([...byName.keys()])
  return [...byName].map(([name, points]) => ({ name, color: colors.indexOf(name), points }))
}

/** So that ours have the same colors wherever they are. */
export function oursFirst(contestants: readonly string[]): string[] {
  return [...contestants].sort((a, b) => Number(isBaseline(a)) - Number(isBaseline(b)))
}

/** The parameters that tell the cells apart: a line over one with a single value would be a dot. */
export function variesBy(cells: readonly Cell[], parameter: string): boolean {
  return new Set(cells.flatMap((cell) => cell.parameters[parameter] ?? [])).size > 1
}
