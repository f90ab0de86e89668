import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { inRoot, root } from './paths.mjs'

const tailLines = 40

/** @param {string} text */
export function say(text) {
  process.stderr.write(`holdfast: ${text}\n`)
}

/**
 * @param {string} text
 * @param {number} [status]
 * @returns {never}
 */
export function fail(text, status = 1) {
  say(text)
  process.exit(status)
}

/**
 * Runs a program with its output in `build/logs/<name>.log`; ends this process when it fails,
 * after showing the end of that output.
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} [env] added to the environment
 */
export function runLogged(name, command, args, env = {}) {
  const log = inRoot(`build/logs/${name}.log`)
  mkdirSync(path.dirname(log), { recursive: true })
  const output = openSync(log, 'w')
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    // npm is a .cmd file on Windows, which only a shell can start.
    shell: process.platform === 'win32' && command === 'npm',
  })
  closeSync(output)
  if (result.status === 0) return
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-tailLines)
  for (const line of tail) process.stderr.write(`  ${line}\n`)
  const how = result.error?.message ?? (result.signal ? result.signal : `exit ${result.status}`)
  fail(`${name} failed (${how}); the whole output is in ${path.relative(root, log)}`)
}

/**
 * @param {string} script a JavaScript file below the root
 * @returns {[string, string]} the program and first argument that run it
 */
export function nodeScript(script) {
  return [process.execPath, inRoot(script)]
}
