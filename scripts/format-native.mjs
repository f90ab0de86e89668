// clang-format over the C and C++ sources. With --check it changes nothing and fails on differences.
// Version 16 exactly: another version formats some constructs differently.

import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { findProgram, inRoot, root } from './steps/paths.mjs'
import { fail } from './steps/run.mjs'

const version = 16
const places = ['addon', 'bench']
const endings = /\.(c|cc|h)$/

const files = places.flatMap(sourcesBelow)
if (files.length === 0) fail(`no C or C++ file below ${places.join(', ')}`)

const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i']
const result = spawnSync(clangFormat(), [...mode, ...files], { cwd: root, stdio: 'inherit' })
process.exit(result.status ?? 1)

function clangFormat() {
  for (const name of [`clang-format-${version}`, 'clang-format']) {
    const program = findProgram(name)
    if (!program) continue
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
    if (stdout.includes(` version ${version}.`)) return program
  }
  return fail(`clang-format ${version} is needed (Debian: clang-format-${version})`)
}

/**
 * @param {string} place relative to the root
 * @returns {string[]}
 */
function sourcesBelow(place) {
  const stat = statSync(inRoot(place), { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return endings.test(place) ? [place] : []
  return readdirSync(inRoot(place)).flatMap((name) => sourcesBelow(`${place}/${name}`))
}
