import type { Bench, Cut } from '../scenario.js'
import { PEER_LINK } from '../topology.js'
import { killSockets } from './killed.js'
import { fallsSilent } from './mute.js'

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
  prepare: fallsSilent.prepare,
  async apply(bench) {
    await fallsSilent.apply(bench)
    await killSockets(bench, 'peer')
  },
}

/** The RST of an abort is lost. */
export const ABORTED_UNHEARD: Cut = {
  name: 'peer rebooted (aborted, its segments lost)',
  prepare: fallsSilent.prepare,
  async apply(bench) {
    await fallsSilent.apply(bench)
    await bench.peer.order({ do: 'abort' })
  },
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
    const { peerHost, family } = topology
    const address = family === 'v4' ? [`${peerHost}/24`] : [`${peerHost}/64`, 'nodad']
    const there = (...args: string[]): Promise<unknown> =>
      peer.order({ do: 'run', args: ['ip', ...args] })
    await there('addr', 'add', ...address, 'dev', PEER_LINK)
    await there('link', 'set', PEER_LINK, 'up')
  },
}

/**
 * The peer is silent first, so that what is sent stays unacknowledged; `undo` brings it back,
 * rebooted by `recipe`. The socket that was silent is gone then, and its silence with it.
 */
export function rebootsAfterSilence(recipe: Cut): Cut {
  return {
    name: `silence, then ${recipe.name}`,
    prepare: fallsSilent.prepare,
    apply: fallsSilent.apply,
    undo: (bench: Bench) => recipe.apply(bench),
  }
}
