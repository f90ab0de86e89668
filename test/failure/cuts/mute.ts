import type { Bench } from '../scenario.js'

// The number is arbitrary; nobody else marks anything in a peer's namespace.
const MARK = 1

const RULE = `table inet mute {
  chain way {
    type filter hook output priority 0
    meta mark ${MARK} drop
  }
}`

/**
 * What one socket of the peer sends goes nowhere: acknowledgements, the RST of its end. It takes
 * effect with one system call (SO_MARK, socket(7)) and ends with the socket; adding and removing
 * routes or rules would wait for locks of the kernel, for seconds on a busy machine. What the peer's
 * kernel answers in the name of no socket passes.
 */
export const fallsSilent = {
  prepare: ({ topology }: Bench): Promise<void> => topology.nft('peer', RULE),
  async apply({ peer }: Bench): Promise<void> {
    await peer.order({ do: 'mark', mark: MARK })
  },
}
