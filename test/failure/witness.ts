import type { DisconnectCompletion } from '../../lib/core/completion.js'
import type { Bench, Range, Witness } from './scenario.js'

// What others than holdfast say of the connection: the kernel's counters and the timer it shows.

/** Counters of the server's namespace since it was made, by nstat's names. */
export async function readCounters(bench: Bench): Promise<Map<string, number>> {
  // -s: keeps no history, -z: zeros too. A namespace is young, so -a (absolute) is small.
  const text = await bench.topology.run('server', 'nstat', '-asz')
  const counters = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [name, value] = line.trim().split(/\s+/)
    if (name !== undefined && value !== undefined && !name.startsWith('#')) {
      counters.set(name, Number(value))
    }
  }
  return counters
}

/** 'keepalive', 'on', 'persist', 'none'; null when ss shows no such connection. */
export async function readTimer(bench: Bench): Promise<string | null> {
  const filter = ['state', 'connected', 'sport', '=', `:${bench.serverPort}`]
  const text = await bench.topology.run('server', 'ss', '-Htnoi', ...filter)
  if (text.trim() === '') return null
  return /timer:\(([a-z]+),/.exec(text)?.[1] ?? 'none'
}

/** What was observed from the cut to the report. */
export interface Observed {
  /** One for each time it was looked at; 'none' where the kernel had none armed. */
  timers: readonly string[]
  before: ReadonlyMap<string, number>
  after: ReadonlyMap<string, number>
  /** How long the making of the cut took; `before` is from its beginning. */
  cutMs: number
  completion: DisconnectCompletion | null
}

/** Every way in which the witnesses contradict; empty when they agree. */
export function contradictions(witness: Witness, observed: Observed): string[] {
  const problems: string[] = []
  // On a busy machine the report may come before the first look: then the counters speak alone.
  const allowed: readonly string[] = witness.timers ?? observed.timers
  const others = observed.timers.filter((seen) => !allowed.includes(seen))
  if (others.length > 0) {
    problems.push(`ss showed the timer ${others.join(', ')}, not ${allowed.join(' or ')}`)
  }
  for (const [name, declared] of Object.entries(witness.counters ?? {})) {
    const range = duringCut(name, declared, observed)
    const rise = riseOf(name, observed)
    if (!within(rise, range)) problems.push(`${name} rose by ${rise}, not ${print(range)}`)
  }
  for (const [name, range] of Object.entries(witness.evidence ?? {})) {
    const value = evidenceOf(name, observed.completion)
    if (!within(value, range)) problems.push(`evidence: ${name} is ${value}, not ${print(range)}`)
  }
  return problems
}

/** For the table: the timers seen and the counters that were declared. */
export function summary(witness: Witness, observed: Observed): string {
  const timers = [...new Set(observed.timers)].join(', ')
  const counters = Object.keys(witness.counters ?? {}).map(
    (name) => `${name.replace(/^TcpExt|^Tcp/, '')} +${riseOf(name, observed)}`,
  )
  const evidence = Object.keys(witness.evidence ?? {}).map(
    (name) => `${name} ${evidenceOf(name, observed.completion)}`,
  )
  const timer = timers === '' ? [] : [`timer ${timers}`]
  return [...timer, ...counters, ...evidence].join(', ')
}

// What the kernel sends by the clock, a live peer or not: once a second with the policies used here.
const BY_THE_CLOCK = ['TcpExtTCPKeepAlive', 'TcpExtTCPWinProbe']

/** A cut that took its time leaves the kernel time for a probe to the peer that still lives. */
function duringCut(name: string, [least, most]: Range, { cutMs }: Observed): Range {
  return BY_THE_CLOCK.includes(name) ? [least, most + Math.round(cutMs / 1_000)] : [least, most]
}

function riseOf(name: string, { before, after }: Observed): number {
  const then = before.get(name)
  const now = after.get(name)
  return then === undefined || now === undefined ? Number.NaN : now - then
}

function evidenceOf(name: string, completion: DisconnectCompletion | null): number {
  if (completion === null) return Number.NaN
  const { tcp, ...rest } = completion.evidence
  const all: Record<string, unknown> = { ...tcp, ...rest }
  const value = all[name]
  return typeof value === 'number' ? value : Number.NaN
}

function within(value: number, [least, most]: Range): boolean {
  return value >= least && value <= most
}

function print([least, most]: Range): string {
  if (least === most) return String(least)
  return most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`
}
