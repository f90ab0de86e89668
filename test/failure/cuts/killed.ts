import { until } from '../../support/wait.js'
import type { Bench, Cut } from '../scenario.js'
import { isStopped, procPidOf } from '../trace.js'
import { PEER_DROPS } from './silence.js'

// What an operator does: a socket destroyed from outside with `ss -K` (ss(8), SOCK_DESTROY), which
// sends RST and fails the socket with ECONNABORTED, and a process stopped with SIGSTOP (signal(7)).

export const KILLED_AT_PEER: Cut = {
  name: 'ss -K at the peer',
  apply: (bench) => killSockets(bench, 'peer'),
}

export const KILLED_AT_SERVER: Cut = {
  name: 'ss -K at the server',
  apply: (bench) => killSockets(bench, 'server'),
}

/** The same while something is unacknowledged: the peer hears nothing any more, `undo` kills. */
export function killedAfterSilence(kill: Cut): Cut {
  return {
    name: `silence, then ${kill.name}`,
    apply: PEER_DROPS.apply,
    undo: (bench) => kill.apply(bench),
  }
}

export const STOPPED: Cut = {
  name: 'peer process stopped (SIGSTOP)',
  async apply(bench) {
    const pid = await procPidOf(bench)
    bench.peer.signal('SIGSTOP')
    await until(() => isStopped(pid), 'the peer’s process has stopped')
  },
  trace: async (bench) => (isStopped(await procPidOf(bench)) ? 'stopped' : 'not stopped'),
}

/** @throws Error when it was not exactly the one socket of the connection */
export async function killSockets(bench: Bench, place: 'peer' | 'server'): Promise<void> {
  const side = place === 'peer' ? 'dport' : 'sport'
  const filter = ['state', 'connected', side, '=', `:${bench.serverPort}`]
  const killed = await bench.topology.run(place, 'ss', '-HtnK', ...filter)
  const count = killed.split('\n').filter((line) => line.trim() !== '').length
  if (count !== 1) throw new Error(`ss -K at the ${place} killed ${count} sockets: ${killed}`)
}
