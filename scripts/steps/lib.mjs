import { existsSync, renameSync, rmSync } from 'node:fs'
import { inRoot } from './paths.mjs'
import { nodeScript, runLogged, say } from './run.mjs'
import { hashOf, readStamp, writeStamp } from './stamps.mjs'

const step = 'lib'
// Beside dist/, at the same depth: source maps hold relative paths.
const next = 'dist.next'

const libHash = () => hashOf(['lib', 'tsconfig.json', 'package-lock.json'])

export function libIsFresh() {
  return existsSync(inRoot('dist/index.js')) && readStamp(step) === libHash()
}

// Into a new directory that takes the place of the old one only when everything compiled:
// a type error leaves the last good dist/ alone, and a deleted source leaves nothing behind.
export function compileLib() {
  say('compiling lib/')
  const hash = libHash()
  rmSync(inRoot(next), { recursive: true, force: true })
  const [node, tsc] = nodeScript('node_modules/typescript/bin/tsc')
  const options = ['-p', 'tsconfig.json', '--outDir', next, '--noEmitOnError', '--pretty', 'false']
  runLogged('tsc', node, [tsc, ...options])
  rmSync(inRoot('dist'), { recursive: true, force: true })
  renameSync(inRoot(next), inRoot('dist'))
  writeStamp(step, hash)
}
