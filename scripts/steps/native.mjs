import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { findProgram, inRoot, nodeHeadersPrefix } from './paths.mjs'
import { fail, nodeScript, runLogged, say } from './run.mjs'
import { dropStamp, hashOf, readStamp, writeStamp } from './stamps.mjs'

const step = 'native'
const addons = process.platform === 'win32' ? ['holdfast'] : ['holdfast', 'testkit']
const outputs = addons.map((name) => `build/Release/${name}.node`)

const nativeHash = () =>
  hashOf(['addon', 'binding.gyp', 'package-lock.json'], {
    skip: ['addon/test', 'addon/fuzz'],
    salt: `${process.platform}-${process.arch}`,
  })

export function nativeIsFresh() {
  return outputs.every((file) => existsSync(inRoot(file))) && readStamp(step) === nativeHash()
}

export function buildAddon() {
  const hash = nativeHash()
  const started = Date.now()
  dropStamp(step)
  // Never overwritten in place: a process that has the old file mapped would crash.
  for (const file of outputs) rmSync(inRoot(file), { force: true })
  if (hasCmake()) buildWithCmake({ out: 'build/Release', configuration: 'Release' })
  else buildWithGyp()
  for (const file of outputs) {
    if (!existsSync(inRoot(file))) fail(`the build ended well but left no ${file}`)
  }
  writeStamp(step, hash)
  say(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/**
 * @param {{ out: string, configuration: string, defines?: Record<string, string> }} variant
 *   A configured directory ignores later defines, so each variant needs an `out` of its own.
 */
export function buildWithCmake({ out, configuration, defines = {} }) {
  say(`building the addon with cmake-js in ${out}`)
  // CMake updates a directory it configured itself; anything else there is in its way.
  if (!isConfiguredHere(out)) rmSync(inRoot(out), { recursive: true, force: true })
  const [node, cmakeJs] = nodeScript('node_modules/cmake-js/bin/cmake-js')
  const options = ['-d', 'addon', '-O', out, '-B', configuration]
  for (const [name, value] of Object.entries(defines)) options.push(`--CD${name}=${value}`)
  const env = nodedirEnvironment()
  runLogged(`cmake-${path.basename(out)}`, node, [cmakeJs, 'build', ...options], env)
}

function buildWithGyp() {
  say('building the addon with node-gyp')
  const [node, gyp] = nodeScript('node_modules/node-gyp/bin/node-gyp.js')
  const nodedir = nodeHeadersPrefix()
  const options = nodedir ? [`--nodedir=${nodedir}`] : []
  // Not `rebuild`: it deletes build/, where stamps, lock and the other variants are.
  runLogged('gyp-configure', node, [gyp, 'configure', ...options])
  runLogged('gyp-build', node, [gyp, 'build', '--jobs', String(availableParallelism()), ...options])
}

/**
 * What to install, in one line, when this machine cannot build; otherwise undefined.
 * @returns {string | undefined}
 */
export function explainMissingTools() {
  // Visual Studio is not on PATH: there the build tools find it and say so themselves.
  if (process.platform === 'win32') return undefined
  if (!process.env.CXX && !findProgram('c++', 'g++', 'clang++')) {
    return 'no C++ compiler found: install g++ (10 or newer) or clang++ (12 or newer) and run this again'
  }
  if (hasCmake()) {
    return findProgram('ninja', 'make')
      ? undefined
      : 'cmake needs ninja or make: install one of them'
  }
  const missing = []
  if (!findProgram('make', 'gmake')) missing.push('make')
  if (!process.env.PYTHON && !findProgram('python3', 'python')) missing.push('python3')
  if (missing.length === 0) return undefined
  return `node-gyp needs ${missing.join(' and ')}: install ${missing.length > 1 ? 'them' : 'it'}, or cmake`
}

const hasCmake = () => findProgram('cmake') !== undefined

/** @param {string} out */
function isConfiguredHere(out) {
  const cache = inRoot(`${out}/CMakeCache.txt`)
  if (!existsSync(cache)) return false
  // A copied or moved clone brings a cache along that points at the original.
  const source = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1]
  return source !== undefined && path.resolve(source) === realpathSync(inRoot('addon'))
}

export function nodedirEnvironment() {
  const nodedir = nodeHeadersPrefix()
  return nodedir ? { npm_config_nodedir: nodedir } : {}
}
