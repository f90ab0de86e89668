import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { benchDirectory, nativeDirectory, rootDirectory } from './paths.js'

/** A tool this machine lacks, and the Debian package that has it. */
interface Tool {
  readonly name: string
  readonly debian: string
  /** That alone needs it; every one by default. */
  readonly bench?: string
  readonly isThere: () => boolean
}

const tools: readonly Tool[] = [
  { name: 'cmake', debian: 'cmake', isThere: () => succeeds('cmake', '--version') },
  { name: 'ninja', debian: 'ninja-build', isThere: () => succeeds('ninja', '--version') },
  { name: 'C and C++ compiler', debian: 'g++', isThere: () => succeeds('c++', '--version') },
  { name: 'taskset', debian: 'util-linux', isThere: () => succeeds('taskset', '--version') },
  {
    name: 'libuv headers',
    debian: 'libuv1-dev pkg-config',
    isThere: () => succeeds('pkg-config', '--exists', 'libuv'),
  },
  {
    name: 'redis-server',
    debian: 'redis-server',
    bench: 'resp',
    isThere: () => succeeds('redis-server', '--version'),
  },
  {
    name: 'redis-benchmark',
    debian: 'redis-tools',
    bench: 'resp',
    isThere: () => succeeds('redis-benchmark', '--version'),
  },
]

/** What is missing to build and to run these benches, in one line. */
export function missingTools(benches: readonly string[]): string | undefined {
  const needed = tools.filter(({ bench }) => bench === undefined || benches.includes(bench))
  const missing = needed.filter((tool) => !tool.isThere())
  if (missing.length === 0) return undefined
  const names = missing.map(({ name }) => name).join(', ')
  return `missing: ${names} (Debian: ${missing.map(({ debian }) => debian).join(' ')})`
}

/** Builds the programs in C; nothing to do costs a fraction of a second. */
export function buildNative(): void {
  mkdirSync(nativeDirectory, { recursive: true })
  run('cmake', '-S', benchDirectory, '-B', nativeDirectory, '-G', 'Ninja')
  run('cmake', '--build', nativeDirectory)
}

/** Compiles the servers in TypeScript, which import the library by its name as a user's do. */
export function buildServers(): void {
  if (!existsSync(join(rootDirectory, 'dist', 'index.js'))) {
    throw new Error('holdfast is not built: npm run build')
  }
  const compiler = join(rootDirectory, 'node_modules', 'typescript', 'bin', 'tsc')
  run(process.execPath, compiler, '-p', join(benchDirectory, 'tsconfig.json'))
}

function succeeds(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

function run(program: string, ...args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status === 0) return
  throw new Error(`${program} ${args.join(' ')}\n${error?.message ?? ''}${stdout}${stderr}`)
}
