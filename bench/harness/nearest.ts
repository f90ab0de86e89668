/** Of these names the one that takes the fewest changes, if it takes at most a third of its letters. */
export function nearest(names: readonly string[], given: string): string | undefined {
  const [best] = names
    .map((name) => ({ name, changes: changesBetween(name, given) }))
    .sort((a, b) => a.changes - b.changes)
  return best !== undefined && best.changes <= Math.ceil(best.name.length / 3)
    ? best.name
    : undefined
}

/** Letters to put in, take out or replace (Levenshtein's distance). */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1]
    for (const [column, other] of [...b].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
