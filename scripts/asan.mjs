// Builds the addon with AddressSanitizer (leaks included) and UndefinedBehaviorSanitizer and runs
// the test suite on it. Further arguments go to vitest.
//
// vitest.config.ts leaves out what calls nothing native, and files named *.plain.test.ts: they measure
// memory, time or system calls, which a sanitizer changes.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { withLock } from './steps/lock.mjs'
import { buildWithCmake } from './steps/native.mjs'
import { inRoot, root } from './steps/paths.mjs'
import { fail, say } from './steps/run.mjs'

const out = 'build/address'
const configuration = 'RelWithDebInfo'
const timeoutMs = 120_000 // sanitized code is 2 to 5 times slower, process starts more

const defines = { HOLDFAST_SANITIZE: 'address,undefined' }
withLock(() => buildWithCmake({ out, configuration, defines }))

const addon = findBuilt('holdfast.node')
const libasan = libasanPath()
const reports = inRoot('build/reports')
mkdirSync(reports, { recursive: true })
say(`running the suite on ${path.relative(root, addon)}`)

// Threads: a forked worker dies before the exit handlers that report leaks.
const options = [
  'run',
  '--pool=threads',
  `--testTimeout=${timeoutMs}`,
  `--hookTimeout=${timeoutMs}`,
]
const projects = ['unit', 'epoll', 'uv'].flatMap((name) => ['--project', name])
const result = spawnSync(
  process.execPath,
  [inRoot('node_modules/vitest/vitest.mjs'), ...options, ...projects, ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      LD_PRELOAD: libasan,
      HOLDFAST_ADDON: addon,
      HOLDFAST_TESTKIT: findBuilt('testkit.node'),
      HOLDFAST_SANITIZED: '1',
      ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1',
      UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
      LSAN_OPTIONS: `suppressions=${inRoot('test/support/lsan.supp')}:print_suppressions=0`,
    },
  },
)
process.exit(result.status ?? 1)

/** @param {string} file */
function findBuilt(file) {
  const candidates = [`${out}/${file}`, `${out}/${configuration}/${file}`].map(inRoot)
  return candidates.find((candidate) => existsSync(candidate)) ?? fail(`${file} is not in ${out}`)
}

function libasanPath() {
  const { stdout } = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' })
  const file = stdout?.trim() ?? ''
  // gcc echoes the bare name when it has no such library.
  return path.isAbsolute(file) ? file : fail('gcc brings no libasan.so: the sanitizer run needs it')
}
