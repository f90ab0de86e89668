// Builds the fuzz targets with clang 16 and runs one after the other. Arguments go to each of them
// (libFuzzer's), except for -max_total_time=SECONDS: that is how long all of them run together.

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { inRoot, root } from './steps/paths.mjs'
import { fail, say } from './steps/run.mjs'

const targets = [
  { name: 'fuzz_records', options: [] },
  { name: 'fuzz_proxy_header', options: [`-dict=${inRoot('addon/fuzz/proxy_header.dict')}`] },
]
const timeFlag = '-max_total_time='
const secondsDefault = 20

const given = process.argv.slice(2)
const asked = given.filter((argument) => argument.startsWith(timeFlag)).at(-1)
const seconds = asked === undefined ? secondsDefault : Number(asked.slice(timeFlag.length))
if (!Number.isInteger(seconds) || seconds < targets.length) {
  fail(`${timeFlag}SECONDS: at least ${targets.length}, one for each target; got ${asked}`, 2)
}
const options = given.filter((argument) => !argument.startsWith(timeFlag))

const out = inRoot('build/fuzz')
mkdirSync(out, { recursive: true })
run('cmake', [
  ...['-S', 'addon', '-B', out, '-G', 'Ninja'],
  ...['-DCMAKE_C_COMPILER=clang-16', '-DCMAKE_CXX_COMPILER=clang++-16'],
  ...['-DHOLDFAST_ADDON=OFF', '-DHOLDFAST_FUZZ=ON'],
])
run('cmake', ['--build', out])
for (const { name, options: own } of targets) {
  const share = Math.floor(seconds / targets.length)
  say(`${name} for ${share} s`)
  run(`${out}/${name}`, [
    ...[`${timeFlag}${share}`, '-print_final_stats=1', `-artifact_prefix=${out}/`],
    ...own,
    ...options,
  ])
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    fail(`${program} failed: ${error?.message ?? signal ?? `exit ${status}`}`, status ?? 1)
  }
}
