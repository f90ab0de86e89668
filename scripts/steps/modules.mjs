import { existsSync, readFileSync } from 'node:fs'
import { inRoot } from './paths.mjs'
import { runLogged, say } from './run.mjs'
import { hashOf, readStamp, writeStamp } from './stamps.mjs'

const step = 'modules'
const installed = 'node_modules/.package-lock.json'

/** @typedef {{ version?: string, optional?: boolean }} LockedPackage */

const lockHash = () => hashOf(['package-lock.json'])

export function modulesAreFresh() {
  if (!existsSync(inRoot(installed))) return false
  if (readStamp(step) === lockHash()) return true
  // Installed by hand: take it as it is rather than delete node_modules under somebody's feet.
  if (!installedMatchesLock()) return false
  rememberModules()
  return true
}

export function rememberModules() {
  writeStamp(step, lockHash())
}

export function installModules() {
  say('installing packages')
  // dist/ is built from the development dependencies, whatever NODE_ENV says.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund']
  const npm = process.env.npm_execpath
  if (npm?.endsWith('.js')) runLogged('npm-ci', process.execPath, [npm, ...args])
  else runLogged('npm-ci', 'npm', args)
  rememberModules()
}

function installedMatchesLock() {
  const wanted = packagesOf('package-lock.json')
  const present = packagesOf(installed)
  return Object.entries(wanted).every(([location, { version, optional }]) => {
    // "" is this project; optional packages are for other platforms.
    if (location === '' || (optional && !present[location])) return true
    return present[location]?.version === version
  })
}

/**
 * @param {string} lockfile
 * @returns {Record<string, LockedPackage>}
 */
function packagesOf(lockfile) {
  return JSON.parse(readFileSync(inRoot(lockfile), 'utf8')).packages
}
