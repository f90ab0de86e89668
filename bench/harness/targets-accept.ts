import type { Target } from './targets.js'

const ofRawEpoll = { against: 'raw-epoll', limitIs: 'most', unit: '×' } as const
const cpuPerConnection = {
  bench: 'accept',
  scenario: 'connect and close',
  figure: 'cpuNs',
  contestant: 'holdfast-epoll',
} as const
const residentBytes = {
  bench: 'idle',
  scenario: '19000 held',
  figure: 'residentBytes',
  limitIs: 'most',
  unit: 'bytes',
} as const

/** 64 KiB to 10,000: no dearer than a write() to each, and kept in one copy. */
function ofBroadcast(io: string): Target[] {
  const common = { bench: 'broadcast', contestant: `broadcast-${io}`, limitIs: 'most' } as const
  return [
    {
      ...common,
      title: 'CPU of a broadcast, a connection',
      scenario: '10000 that read',
      figure: 'cpuNs',
      against: `writes-${io}`,
      limit: 1,
      unit: '×',
    },
    {
      ...common,
      title: 'held for one that never reads',
      scenario: '10000 that never read',
      figure: 'heldBytes',
      limit: 64,
      unit: 'bytes',
    },
  ]
}

/** Of the benches accept, idle, storm and broadcast. */
export const targetsOfAccepting: readonly Target[] = [
  { title: 'CPU per connection', limit: 1.15, ...cpuPerConnection, ...ofRawEpoll },
  {
    title: 'CPU per connection',
    limit: 0.7,
    ...cpuPerConnection,
    ...ofRawEpoll,
    against: 'node-net',
  },
  {
    title: 'memory per idle connection',
    contestant: 'holdfast-epoll',
    limit: 300,
    ...residentBytes,
  },
  { title: 'memory per idle connection', contestant: 'holdfast-uv', limit: 650, ...residentBytes },
  {
    title: "node:net's memory per idle connection",
    bench: 'idle',
    scenario: '19000 held',
    figure: 'residentBytes',
    contestant: 'node-net',
    against: 'holdfast-epoll',
    limit: 10,
    limitIs: 'least',
    unit: '×',
  },
  ...['FIN', 'RST'].map(
    (manner): Target => ({
      title: `CPU per ending, storm by ${manner}`,
      bench: 'storm',
      scenario: `19000 by ${manner}`,
      figure: 'cpuNs',
      contestant: 'holdfast-epoll',
      limit: 1.5,
      ...ofRawEpoll,
    }),
  ),
  ...['epoll', 'uv'].flatMap(ofBroadcast),
]
