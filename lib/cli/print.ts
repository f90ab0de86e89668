/** Prints the answer of a command that ends by itself. A reader that has gone needs none of it. */
export function printLines(lines: readonly string[]): void {
  process.stdout.on('error', () => {})
  process.stdout.write(`${lines.join('\n')}\n`)
}
