import { spawnSync } from 'node:child_process'

/**
 * Whether none of these programs is missing here. A test that needs one is skipped without it, which
 * is a failure in CI; .ci/run installs them.
 */
export function haveTools(...names: readonly string[]): boolean {
  const missing = names.filter(
    (name) => (spawnSync(name, ['--help']).error as NodeJS.ErrnoException)?.code === 'ENOENT',
  )
  if (missing.length > 0) {
    process.stderr.write(`SKIPPED, not installed: ${missing.join(', ')}\n`)
  }
  return missing.length === 0
}
