import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from './arguments.js'
import type { Environment } from './environment.js'
import { benchDirectory } from './paths.js'
import { type Results, resultsFormat } from './results.js'

const defaultDirectory = join(benchDirectory, 'results')

/**
 * What the names of a run's files begin with: date and host in the default directory or in the one
 * that is given, or just what is given.
 */
export function outputBase(out: string | undefined, environment: Environment): string {
  const name = `${environment.date.slice(0, 16).replace(':', '')}-${plainName(environment.host)}`
  if (out === undefined) return join(defaultDirectory, name)
  const isDirectory = out.endsWith('/') || statSync(out, { throwIfNoEntry: false })?.isDirectory()
  return isDirectory ? join(out, name) : out.replace(/\.(json|md|html)$/, '')
}

function plainName(host: string): string {
  const plain = host.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return plain.replace(/^-|-$/g, '') || 'unnamed'
}

/** At every moment the whole old file or the whole new one is there. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
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
  for (const name of ['benches', 'skipped', 'samples', 'judgements', 'micro']) {
    if (!Array.isArray(value[name])) throw new UsageError(`${path}: ${name}: expected a list`)
  }
  if (!isRecord(value.environment)) {
    throw new UsageError(`${path}: environment: expected an object`)
  }
  return value as unknown as Results
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of several files one: what a later one has measured again is left out of the earlier ones. */
export function supersede(files: readonly Results[]): Results[] {
  return files.map((results, at) => {
    const later = files.slice(at + 1)
    const again = new Set(later.flatMap(({ benches }) => benches.filter(wasBegun).map(nameOf)))
    const stays = ({ bench }: { bench: string }): boolean => !again.has(bench)
    return {
      ...results,
      benches: results.benches.filter(({ name }) => !again.has(name)),
      skipped: results.skipped.filter(stays),
      samples: results.samples.filter(stays),
      judgements: results.judgements.filter(stays),
      micro: later.some(({ micro }) => micro.length > 0) ? [] : results.micro,
    }
  })
}

const wasBegun = ({ state }: Results['benches'][number]): boolean => state !== 'waiting'
const nameOf = ({ name }: { name: string }): string => name
