import type { Bench, Cut } from '../scenario.js'
import { PEER_LINK, type Topology } from '../topology.js'
import { killSockets } from './killed.js'
import { host } from './silence.js'

// A machine that comes back without its memory: it answers the next segment with RST, and said
// nothing when it went. Each recipe makes the peer forget the connection in silence.

/** A socket in repair mode is closed without a segment (TCP_REPAIR of linux/tcp.h). */
export const FORGETS: Cut = {
  name: 'peer rebooted (socket closed in repair mode)',
  async apply({ peer }) {
    await peer.order({ do: 'forget' })
  },
}

/** The RST of `ss -K` is lost. */
export const KILLED_UNHEARD: Cut = {
  name: 'peer rebooted (ss -K, its segments lost)',
  apply: (bench) => unheard(bench, () => killSockets(bench, 'peer')),
}

/** The RST of an abort is lost. */
export const ABORTED_UNHEARD: Cut = {
  name: 'peer rebooted (aborted, its segments lost)',
  apply: (bench) =>
    unheard(bench, async () => {
      await bench.peer.order({ do: 'abort' })
    }),
}

/**
 * The peer's program leaves for a fresh network namespace, and the link with its address follows.
 * The socket stays behind in the old one, so the new machine knows nothing of it.
 */
export const NEW_MACHINE: Cut = {
  name: 'peer rebooted (its address in a fresh namespace)',
  async apply({ topology, peer }) {
    await peer.order({ do: 'leave' })
    await topology.ip('peer', 'link', 'set', PEER_LINK, 'netns', String(peer.pid))
    const bits =
      topology.family === 'v4' ? [`${topology.peerHost}/24`] : [`${topology.peerHost}/64`, 'nodad']
    await peer.order({ do: 'run', args: ['ip', 'addr', 'add', ...bits, 'dev', PEER_LINK] })
    await peer.order({ do: 'run', args: ['ip', 'link', 'set', PEER_LINK, 'up'] })
  },
}

/**
 * The peer is silent first, so that what is sent stays unacknowledged; `undo` brings it back,
 * rebooted by `recipe`.
 */
export function rebootsAfterSilence(recipe: Cut): Cut {
  return {
    name: `silence, then ${recipe.name}`,
    apply: ({ topology }) => topology.ip('peer', 'route', 'add', ...nowhere(topology)),
    async undo(bench) {
      await recipe.apply(bench)
      // The others have removed the route, or left it behind in the old namespace.
      if (recipe !== FORGETS) return
      await bench.topology.ip('peer', 'route', 'del', ...nowhere(bench.topology))
    },
  }
}

/** What the peer sends meanwhile goes nowhere. Replaced, because it may go there already. */
async function unheard({ topology }: Bench, act: () => Promise<void>): Promise<void> {
  await topology.ip('peer', 'route', 'replace', ...nowhere(topology))
  await act()
  await topology.ip('peer', 'route', 'del', ...nowhere(topology))
}

// A route, because it takes effect at once: removing a firewall rule waits for a grace period of the
// kernel, long on a busy machine.
function nowhere(topology: Topology): string[] {
  return ['blackhole', host(topology, topology.serverHost)]
}
