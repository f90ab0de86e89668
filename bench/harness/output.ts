import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from './arguments.js'
import type { Environment } from './environment.js'
import { benchDirectory } from './paths.js'

const defaultDirectory = join(benchDirectory, 'results')

/**
 * What the names of a run's files begin with: date and host in the default directory or in the one
 * that is given, or just what is given.
 */
export function outputBase(out: string | undefined, environment: Environment): string {
  const time = environment.date.slice(0, 19).replaceAll(':', '')
  const name = `${time}-${plainName(environment.host)}`
  if (out === undefined) return join(defaultDirectory, name)
  return out.endsWith('/') || isDirectory(out)
    ? join(out, name)
    : out.replace(/\.(json|md|html)$/, '')
}

function plainName(host: string): string {
  const plain = host.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return plain.replace(/^-|-$/g, '') || 'unnamed'
}

/**
 * Before anything is measured: the directory is there, and no earlier run.
 * @throws UsageError when files cannot be written there
 */
export function prepareOutput(base: string, force: boolean): void {
  const directory = dirname(base)
  try {
    makeDirectory(directory)
    accessSync(directory, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new UsageError(`--out ${base}: ${error instanceof Error ? error.message : error}`)
  }
  if (!force && existsSync(`${base}.json`)) {
    throw new UsageError(`--out ${base}: ${base}.json is there already: another name, or --force`)
  }
}

/** One by one: mkdirSync with `recursive` never comes back from a directory like /proc. */
function makeDirectory(path: string): void {
  if (isDirectory(path)) return
  if (dirname(path) !== path) makeDirectory(dirname(path))
  mkdirSync(path)
}

/** What cannot be looked at is none; writing there tells why. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
