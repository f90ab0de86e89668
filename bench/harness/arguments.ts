import { Command, CommanderError } from 'commander'
import { nearest } from './nearest.js'

export type Arguments =
  | RunArguments
  | CompareArguments
  | ReportArguments
  | { readonly kind: 'help' }

export interface RunArguments {
  readonly kind: 'run'
  /** Benches, or `all`; the standard suite when empty. */
  readonly names: readonly string[]
  readonly quick: boolean
  /** For every bench the same; each bench its own when undefined. */
  readonly rounds: number | undefined
  /** Contestants to keep; all when undefined. */
  readonly servers: readonly string[] | undefined
  /** A directory, or what the names of the files begin with; the default place when undefined. */
  readonly out: string | undefined
  /** An earlier run of that name may be replaced. */
  readonly force: boolean
}

export interface CompareArguments {
  readonly kind: 'compare'
  readonly before: string
  readonly after: string
}

export interface ReportArguments {
  readonly kind: 'report'
  readonly files: readonly string[]
  readonly out: string | undefined
}

interface Known {
  readonly benches: readonly string[]
  readonly servers: readonly string[]
  /** How long each bench takes, a line each. */
  readonly durations: readonly string[]
}

/** What the user has to put right: one line, no stack trace, exit status 2. */
export class UsageError extends Error {}

/** Throws UsageError; help that was asked for is printed here. */
export function readArguments(argv: readonly string[], known: Known): Arguments {
  let result: Arguments = { kind: 'help' }
  const program = describeCommands(known, (read) => {
    result = read
  })
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw new UsageError(error.message.replace(/^error: /, ''))
  }
  return result
}

interface RunOptions {
  quick?: true
  rounds?: string
  servers?: string
  out?: string
  force?: true
}

function describeCommands(known: Known, take: (read: Arguments) => void): Command {
  const program = new Command('npm run bench --')
    .usage('[NAME ...] [options] | compare A.json B.json | report FILE.json ... [options]')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  const run = program
    .command('run [names...]', { isDefault: true })
    .summary('run benches (the default command)')
    .description(
      'Runs the benches that are named, all but the million (all), or the standard suite: under 15 minutes on two cores.',
    )
    .option('--quick', 'a smoke run: counts and checksums are asserted, figures are not judged')
    .option('--rounds <n>', '1..1000; without it each bench has its own number, with --quick 1')
    .option('--servers <list>', 'contestants to keep, separated by commas')
    .option(
      '--out <base>',
      'write BASE.json, .md and .html, or files with date and host in the directory BASE (default: bench/results; with --quick none)',
    )
    .option('--force', 'replace the files of an earlier run of that name (default: refuse)')
    .action((names: string[], options: RunOptions) => take(readRun(names, options, known)))
  program.addHelpText('before', () => run.helpInformation())
  program.addHelpText('after', () => `\n${afterwards(known)}`)
  program
    .command('compare <before> <after>')
    .description('what changed between two result files, and whether it is beyond noise')
    .action((before: string, after: string) => take({ kind: 'compare', before, after }))
  program
    .command('report <files...>')
    .description(
      'Markdown and HTML of result files; of what several have measured the newest counts',
    )
    .option('--out <base>', 'write BASE.md and BASE.html (default: the name of the only file)')
    .action((files: string[], { out }: { out?: string }) => take(readReport(files, out)))
  return program
}

function afterwards({ durations, servers }: Known): string {
  return `Benches, and what they take on two quiet cores:
${durations.map((line) => `  ${line}`).join('\n')}

Contestants for --servers: ${servers.join(', ')}

Exit status: 0 every goal was reached, 1 one was missed or could not be judged, or a bench failed,
2 a wrong option or file, 130 interrupted. What --servers left out counts for nothing.`
}

function readRun(names: readonly string[], options: RunOptions, known: Known): RunArguments {
  const servers = options.servers?.split(',')
  for (const name of names) expectOneOf([...known.benches, 'all'], name, 'bench')
  for (const name of servers ?? []) expectOneOf(known.servers, name, 'server')
  return {
    kind: 'run',
    names,
    quick: options.quick ?? false,
    rounds: options.rounds === undefined ? undefined : readRounds(options.rounds),
    servers,
    out: options.out,
    force: options.force ?? false,
  }
}

function readRounds(text: string): number {
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
    throw new UsageError(`--rounds ${text}: expected a whole number, 1..1000`)
  }
  return rounds
}

function readReport(files: readonly string[], out: string | undefined): ReportArguments {
  if (files.length > 1 && out === undefined) {
    throw new UsageError('report: expected --out BASE for more than one file')
  }
  return { kind: 'report', files, out }
}

function expectOneOf(known: readonly string[], name: string, what: string): void {
  if (known.includes(name)) return
  const near = nearest(known, name)
  const guess = near === undefined ? '' : ` (did you mean ${near}?)`
  throw new UsageError(`unknown ${what} "${name}"${guess}: expected ${known.join(', ')}`)
}
