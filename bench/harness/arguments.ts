import { parseArgs } from 'node:util'

export interface Arguments {
  /** Benches to run, in this order. */
  readonly names: readonly string[]
  readonly quick: boolean
  readonly rounds: number
  readonly jsonFile: string | undefined
  /** Contestants to keep; all when undefined. */
  readonly servers: readonly string[] | undefined
}

export const usage = `npm run bench -- [NAME ...] [--quick] [--rounds N] [--json FILE] [--servers LIST]
  NAME       echo, accept, idle, fairness; liveness, inspect, broadcast, storm, admission, deadlines,
             hostile; micro. Without a name: the first four, with --quick all but micro
  --quick    a smoke run of some seconds: counts and checksums are asserted, figures are not judged
  --rounds   1..1000; 5 unless given, 1 with --quick
  --json     writes environment, samples and judgement to FILE
  --servers  contestants to keep, separated by commas; targets that need others count as missed`

export class UsageError extends Error {}

export function readArguments(
  argv: readonly string[],
  known: { readonly benches: readonly string[]; readonly servers: readonly string[] },
  standard: { readonly full: readonly string[]; readonly quick: readonly string[] },
): Arguments {
  const { values, positionals } = parse(argv)
  const quick = values.quick ?? false
  const rounds = Number(values.rounds ?? (quick ? 1 : 5))
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
    throw new UsageError(`--rounds ${values.rounds}: expected a whole number, 1..1000`)
  }
  const servers = values.servers?.split(',')
  for (const name of positionals) expectOneOf(known.benches, name, 'bench')
  for (const name of servers ?? []) expectOneOf(known.servers, name, 'server')
  return {
    names: positionals.length === 0 ? standard[quick ? 'quick' : 'full'] : positionals,
    quick,
    rounds,
    jsonFile: values.json,
    servers,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        json: { type: 'string' },
        servers: { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function expectOneOf(known: readonly string[], name: string, what: string): void {
  if (!known.includes(name)) {
    throw new UsageError(`unknown ${what} "${name}": expected ${known.join(', ')}`)
  }
}
