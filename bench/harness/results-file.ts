import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { UsageError } from './arguments.js'
import { type Results, resultsFormat } from './results.js'
import { isRecord, shapeProblem } from './results-shape.js'

/** At every moment the whole old file or the whole new one is there; its directory is. */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.tmp`
  writeFileSync(unfinished, text)
  renameSync(unfinished, path)
}

export function writeResults(path: string, results: Results): void {
  writeWhole(path, `${JSON.stringify(results, undefined, 1)}\n`)
}

/** Throws UsageError for what is no result file. */
export function readResults(path: string): Results {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const what = error instanceof SyntaxError ? 'not JSON' : 'cannot be read'
    throw new UsageError(`${path}: ${what}: ${error instanceof Error ? error.message : error}`)
  }
  if (!isRecord(value) || value.format !== resultsFormat) {
    const format = isRecord(value) ? value.format : undefined
    const found = format === undefined ? 'none' : JSON.stringify(format)
    throw new UsageError(`${path}: format ${found}: expected "${resultsFormat}"`)
  }
  const problem = shapeProblem(value)
  if (problem !== undefined) throw new UsageError(`${path}: ${problem}`)
  return value as unknown as Results
}
