import type { Cut } from '../scenario.js'

// The peer goes and its kernel says so, by FIN or RST.

export const PEER_CLOSES: Cut = {
  name: 'the peer closes',
  apply: async ({ peer }) => {
    await peer.order({ do: 'close' })
  },
}

export const PEER_SHUTS_DOWN: Cut = {
  name: 'the peer sends FIN and goes on reading',
  apply: async ({ peer }) => {
    await peer.order({ do: 'shutdown' })
  },
}

export const PEER_KILLED: Cut = {
  name: 'the peer’s process is killed',
  apply: ({ peer }) => peer.kill(),
}

/** SO_LINGER of 0 seconds, then close(): RST (socket(7)). */
export const PEER_ABORTS: Cut = {
  name: 'the peer aborts',
  apply: async ({ peer }) => {
    await peer.order({ do: 'abort' })
  },
}
