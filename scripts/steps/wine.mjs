import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findProgram, inRoot } from './paths.mjs'
import { fail, runLogged } from './run.mjs'

// Everything of Wine lives here; nothing is read from or written to the home of the user.
const prefix = inRoot('build/windows/prefix')

const environment = {
  WINEPREFIX: prefix,
  WINEARCH: 'win64',
  WINEDEBUG: '-all',
  // Neither .NET nor a browser is asked for, and no entry is made in a desktop's menu.
  WINEDLLOVERRIDES: 'mscoree,mshtml=;winemenubuilder.exe=d',
  DISPLAY: undefined,
}

/** A prefix that says it is Windows 10: Node does not run on the Windows 7 that Wine 8 says it is. */
export function prepareWine() {
  const prepared = path.join(prefix, 'prepared')
  if (existsSync(prepared)) return
  mkdirSync(prefix, { recursive: true })
  runLogged('wine-boot', wine(), ['wineboot', '-i'], environment)
  runLogged('wine-config', wine(), ['winecfg', '-v', 'win10'], environment)
  writeFileSync(prepared, '')
}

/**
 * Runs a program for Windows to its end. Its output goes through a file: Node under Wine does not
 * write to a pipe.
 * @param {{ name: string, args: string[], env: Record<string, string>, timeoutMs: number }} program
 * @returns {{ status: number | null, output: string }}
 */
export function runUnderWine({ name, args, env, timeoutMs }) {
  const log = inRoot(`build/logs/${name}.log`)
  const output = openSync(log, 'w')
  const { status, error } = spawnSync(wine(), args, {
    env: { ...process.env, ...environment, ...env },
    stdio: ['ignore', output, output],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  closeSync(output)
  const text = readFileSync(log, 'utf8')
  return { status, output: error ? `${text}\n${error.message}\n` : text }
}

/** Ends the processes of this prefix, those that a killed program has left as well. */
export function endWine() {
  spawnSync(wine('wineserver64', 'wineserver'), ['-k', '-w'], {
    env: { ...process.env, ...environment },
    stdio: 'ignore',
    timeout: 20_000,
  })
}

/** How a program of this machine is named under Wine: its root is drive Z. */
export const windowsPath = (/** @type {string} */ file) => `Z:${file.replaceAll('/', '\\')}`

// Debian keeps the programs of a 64-bit Wine out of PATH.
/** @param {string[]} names */
function wine(...names) {
  const wanted = names.length > 0 ? names : ['wine64', 'wine']
  const aside = wanted.map((name) => `/usr/lib/wine/${name}`).find((file) => existsSync(file))
  return aside ?? findProgram(...wanted) ?? fail('Wine is needed (Debian: wine64)')
}
