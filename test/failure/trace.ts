import { readFileSync } from 'node:fs'
import type { Bench, Cut } from './scenario.js'
import type { Place } from './topology.js'

// What the kernel shows of a cut itself, for scenarios in which nothing is reported.

interface LinkStatus {
  flags: string[]
  stats64: { tx: { carrier_changes: number } }
}

/** Whether a link is up, and how often it came or went: one that was up all the time shows it. */
export const linkTrace =
  (place: Place, link: string): Required<Cut>['trace'] =>
  async ({ topology }) => {
    const text = await topology.run(place, 'ip', '-json', '-s', '-s', 'link', 'show', 'dev', link)
    const [status] = JSON.parse(text) as LinkStatus[]
    if (status === undefined) throw new Error(`ip shows no ${link}: ${text}`)
    const { flags, stats64 } = status
    const changes = stats64.tx.carrier_changes
    return `${link} ${flags.includes('UP') ? 'up' : 'down'}, ${changes} carrier changes`
  }

/** The peer’s number in the /proc that is mounted here. */
export async function procPidOf({ peer }: Pick<Bench, 'peer'>): Promise<number> {
  return Number((await peer.first('connected')).procPid)
}

/** State T of proc(5). */
export function isStopped(procPid: number): boolean {
  // Behind the last parenthesis of its name.
  const stat = readFileSync(`/proc/${procPid}/stat`, 'utf8')
  return stat[stat.lastIndexOf(')') + 2] === 'T'
}

/** Makes or undoes a cut. Resolves to what is wrong when its trace is the same as before. */
export async function traced(
  bench: Bench,
  cut: Pick<Cut, 'name' | 'trace'>,
  what: 'made' | 'undone',
  act: () => Promise<void>,
): Promise<string[]> {
  const before = await cut.trace?.(bench)
  await act()
  const after = await cut.trace?.(bench)
  const same = before !== undefined && before === after
  return same ? [`“${cut.name}” was not ${what}: ${after} as before`] : []
}
