import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { inRoot } from './paths.mjs'

// A stamp is the hash of the inputs of the last successful run of a step.
const stampFile = (/** @type {string} */ step) => inRoot(`build/stamps/${step}`)

/**
 * @param {string} step
 * @returns {string | undefined}
 */
export function readStamp(step) {
  try {
    return readFileSync(stampFile(step), 'utf8')
  } catch {
    return undefined
  }
}

/**
 * @param {string} step
 * @param {string} hash
 */
export function writeStamp(step, hash) {
  mkdirSync(path.dirname(stampFile(step)), { recursive: true })
  writeFileSync(stampFile(step), hash)
}

/** @param {string} step */
export function dropStamp(step) {
  rmSync(stampFile(step), { force: true })
}

/**
 * Hash of names and contents of the given files and directories; what is missing counts as empty.
 * @param {string[]} inputs relative to the root
 * @param {{ skip?: string[], salt?: string }} [options] skip: paths left out, relative to the root
 */
export function hashOf(inputs, { skip = [], salt = '' } = {}) {
  const hash = createHash('sha256').update(salt)
  for (const file of inputs.flatMap((input) => filesBelow(input, skip))) {
    const content = readFileSync(inRoot(file))
    // The length keeps "ab" + "c" apart from "a" + "bc".
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/**
 * @param {string} input
 * @param {string[]} skip
 * @returns {string[]}
 */
function filesBelow(input, skip) {
  if (skip.includes(input)) return []
  const stat = statSync(inRoot(input), { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [input]
  return readdirSync(inRoot(input))
    .sort()
    .flatMap((name) => filesBelow(`${input}/${name}`, skip))
}
