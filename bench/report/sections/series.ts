import type { LinePoint, Series } from '../charts/lines.js'
import type { Cell } from '../evidence.js'
import { serverWords } from '../words/servers.js'

/** Cells as lines: by a name made of a cell, over one of its parameters. Those without it are left out. */
export function seriesOf(
  cells: readonly Cell[],
  parameter: string,
  nameOf: (cell: Cell) => string = (cell) => cell.contestant,
): Series[] {
  const byName = new Map<string, LinePoint[]>()
  for (const cell of cells) {
    const x = cell.parameters[parameter]
    if (x === undefined || cell.belowNoise) continue
    const points = byName.get(nameOf(cell)) ?? []
    points.push({ x, y: cell.median, low: cell.min, high: cell.max })
    byName.set(nameOf(cell), points)
  }
  return [...byName].map(([name, points]) => ({ name, ...lookOf(name), points }))
}

/** A server looks the same in every plot. */
export function lookOf(server: string): Pick<Series, 'color' | 'symbol'> {
  const { color, symbol } = serverWords(server)
  return { color, symbol }
}

/** How many are not drawn, where some are below the noise. */
export function noiseText(cells: readonly Cell[]): string {
  const count = cells.filter(({ belowNoise }) => belowNoise).length
  return count === 0 ? '' : ` ${count} of ${cells.length} are below the noise and not drawn.`
}

/** The parameters that tell the cells apart: a line over one with a single value would be a dot. */
export function variesBy(cells: readonly Cell[], parameter: string): boolean {
  return new Set(cells.flatMap((cell) => cell.parameters[parameter] ?? [])).size > 1
}
