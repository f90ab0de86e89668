// Makes a clone ready to run: installed packages, the built addon, the compiled lib/.
// Runs before `npm start`, `npm test` and inside `npm install`, so it uses nothing but Node itself,
// says nothing when nothing is stale, and writes to stderr only (stdout belongs to the program).
//
//   node scripts/ensure.mjs [--prepare] [--only=modules,native,lib]

import { existsSync } from 'node:fs'
import { compileLib, libIsFresh } from './steps/lib.mjs'
import { withLock } from './steps/lock.mjs'
import { installModules, modulesAreFresh, rememberModules } from './steps/modules.mjs'
import { buildAddon, explainMissingTools, nativeIsFresh } from './steps/native.mjs'
import { inRoot } from './steps/paths.mjs'
import { fail, say } from './steps/run.mjs'

const oldestNode = [20, 19]

const steps = [
  { name: 'modules', isFresh: modulesAreFresh, make: installModules },
  { name: 'native', isFresh: nativeIsFresh, make: buildAddon },
  { name: 'lib', isFresh: libIsFresh, make: compileLib },
]

main(process.argv.slice(2))

/** @param {string[]} args */
function main(args) {
  requireNode()
  const insideInstall = args.includes('--prepare')
  const chosen = chosenSteps(args)

  if (insideInstall) {
    // npm has just written node_modules; installing again from within would deadlock on it.
    if (!existsSync(inRoot('node_modules/typescript'))) {
      say('development dependencies are left out: the addon and dist/ are not built')
      return
    }
    rememberModules()
  }

  if (chosen.every((step) => step.isFresh())) return
  if (chosen.some((step) => step.name === 'native') && !nativeIsFresh()) {
    const missing = explainMissingTools()
    if (missing) fail(missing)
  }
  withLock(() => {
    // Asked again under the lock: another run may have done the work meanwhile.
    for (const step of chosen) if (!step.isFresh()) step.make()
  })
}

/** @param {string[]} args */
function chosenSteps(args) {
  const only = args.find((arg) => arg.startsWith('--only='))
  if (!only) return steps
  const names = only.slice('--only='.length).split(',')
  const known = steps.map((step) => step.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    fail(`--only=${unknown}: the known steps are ${known.join(', ')}`, 2)
  }
  return steps.filter((step) => names.includes(step.name))
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [needMajor = 0, needMinor = 0] = oldestNode
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return
  fail(`Node ${oldestNode.join('.')} or newer is needed, this is ${process.versions.node}`)
}
