import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

const strict = process.env.CI === 'true'

// Everything that touches a socket runs once per Io implementation of this platform.
const ioKinds = process.platform === 'linux' ? ['epoll', 'uv'] : ['uv']

// Programs that choose their Io themselves.
const programs = [
  'test/process/{bench-report,cli-new,docs,docs-samples,examples,examples-*,guide-*,readme}.test.ts',
]

// They measure memory, time or system calls, which a sanitizer changes. Not by --exclude: the
// exclude of a project replaces it.
const unmeasurable = process.env.HOLDFAST_SANITIZED ? ['**/*.plain.test.ts'] : []

// They call nothing native, so a sanitizer has nothing to see.
const typescriptOnly = process.env.HOLDFAST_SANITIZED
  ? ['test/unit/{adapters,bench,cli,codecs}/**']
  : []

const once = [
  {
    name: 'unit',
    include: ['test/unit/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...typescriptOnly],
  },
  { name: 'tidy', include: ['test/tidy/**/*.test.ts'] },
  { name: 'programs', include: programs },
  // It runs each scenario on every Io by itself.
  { name: 'failure', include: ['test/failure/**/*.test.ts'], maxConcurrency: 28 },
]
// They take the whole machine, so they come after everything that measures a time.
const hostile = ioKinds.map((io) => ({
  name: `hostile-${io}`,
  include: ['test/hostile/**/*.test.ts'],
  env: { HOLDFAST_IO: io },
  sequence: { groupOrder: 1 },
}))
// The smoke run of the benchmarks, which pins processes to cores: nothing runs beside it.
const bench = {
  name: 'bench',
  include: ['test/bench/**/*.test.ts'],
  sequence: { groupOrder: 2 },
  maxWorkers: 1,
}
const perIo = ioKinds.map((io) => ({
  name: io,
  include: ['test/{integration,process}/**/*.test.ts'],
  exclude: [...configDefaults.exclude, ...programs, ...unmeasurable],
  env: { HOLDFAST_IO: io },
}))

export default defineConfig({
  test: {
    // A crash of the addon in a forked worker becomes a named failure of one file.
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 10_000,
    // Most files wait more than they compute, so two at once even on a small machine.
    maxWorkers: Math.max(2, availableParallelism()),
    // Concurrent tests wait for the kernel to find a peer dead: seconds each, at no cost side by side.
    maxConcurrency: 20,
    reporters: strict
      ? [
          'default',
          './scripts/strict-reporter.mjs',
          ['json', { outputFile: process.env.HOLDFAST_TEST_REPORT ?? 'build/reports/vitest.json' }],
        ]
      : ['default'],
    coverage: { provider: 'v8', include: ['lib/**/*.ts'] },
    projects: [...once, ...perIo, ...hostile, ...(process.platform === 'linux' ? [bench] : [])].map(
      (test) => ({ extends: true as const, test }),
    ),
  },
})
