import type { Namespace } from '../harness/namespace.js'

/** Segments of one direction, as the kernel's filter counted them. */
export interface Direction {
  readonly seen: number
  readonly lost: number
}

export interface LossCounts {
  readonly toServers: Direction
  readonly toClients: Direction
}

const outOf = 1_000_000

/**
 * From now on each TCP segment from or to these ports of servers is lost with this chance,
 * independently of all others: probes, answers, whatever it is. On loopback a segment is sent and
 * received by the same kernel; it meets the filter when it is received, so once.
 */
export function loseSegments(namespace: Namespace, ports: readonly number[], chance: number): void {
  const lose = (direction: string): string =>
    `counter name ${direction}-seen numgen random mod ${outOf} < ${Math.round(chance * outOf)} counter name ${direction}-lost drop`
  const list = `{ ${ports.join(', ')} }`
  const rules = `
    table inet bench {
      counter to-servers-seen { }
      counter to-servers-lost { }
      counter to-clients-seen { }
      counter to-clients-lost { }
      chain to-servers { ${lose('to-servers')}; }
      chain to-clients { ${lose('to-clients')}; }
      chain received {
        type filter hook input priority filter;
        tcp dport ${list} goto to-servers
        tcp sport ${list} goto to-clients
      }
    }`
  namespace.run(['nft', '--file', '-'], rules)
}

/** As nft prints them in JSON; the other objects of the list are of no interest. */
interface Listing {
  readonly nftables: readonly {
    readonly counter?: { readonly name: string; readonly packets: number }
  }[]
}

export function countLosses(namespace: Namespace): LossCounts {
  const text = namespace.run(['nft', '--json', 'list', 'counters', 'table', 'inet', 'bench'])
  const { nftables } = JSON.parse(text) as Listing
  const packets = (name: string): number => {
    const found = nftables.find(({ counter }) => counter?.name === name)?.counter
    if (found === undefined) throw new Error(`nft has no counter ${name}: ${text}`)
    return found.packets
  }
  const direction = (name: string): Direction => ({
    seen: packets(`${name}-seen`),
    lost: packets(`${name}-lost`),
  })
  return { toServers: direction('to-servers'), toClients: direction('to-clients') }
}
