// Cross-builds the addon for Windows on x64 with MinGW, and runs test/windows on it under Wine with
// the Node that Windows gets. That is no test on Windows: docs/decisions/0009 says what it leaves
// unproved. Needs Debian's g++-mingw-w64-x86-64-posix, mingw-w64-tools, wine64, and cmake and ninja.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { crossBuild, fetchNode } from './steps/mingw.mjs'
import { inRoot } from './steps/paths.mjs'
import { fail, say } from './steps/run.mjs'
import { endWine, prepareWine, runUnderWine, windowsPath } from './steps/wine.mjs'

const timeoutMs = 90_000 // the tests take 20 s
const began = Date.now()

const exe = fetchNode()
say('building the addon for Windows')
const addon = crossBuild(exe)
say('preparing Wine')
prepareWine()

// Beside Wine, not in it: only Linux can make a socket deaf.
const deafPeer = spawn(process.execPath, [inRoot('test/windows/deaf-peer.js')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [port] = await once(deafPeer.stdout, 'data')

const tests = readdirSync(inRoot('test/windows')).filter((name) => name.endsWith('.test.js'))
say(`running ${tests.join(', ')}`)
const { status, output } = runUnderWine({
  name: 'windows-tests',
  args: [
    exe,
    '--test',
    '--test-reporter=spec',
    ...tests.map((name) => windowsPath(inRoot(`test/windows/${name}`))),
  ],
  env: {
    HOLDFAST_ADDON: windowsPath(addon),
    HOLDFAST_DEAF_PEER: String(port).trim(),
  },
  timeoutMs,
})
deafPeer.kill()
endWine()

process.stdout.write(output)
const count = (/** @type {string} */ what) =>
  Number(new RegExp(`^\\S+ ${what} (\\d+)\\r?$`, 'm').exec(output)?.[1] ?? Number.NaN)
if (status !== 0) fail(`node.exe ended with ${status}`)
if (!(count('pass') > 0) || count('skipped') + count('todo') + count('cancelled') !== 0) {
  fail('a test did not run')
}
say(`${count('pass')} tests passed, ${Math.round((Date.now() - began) / 1000)} s in all`)
