import type { Target } from './targets.js'

function held(bench: string, connections: number): Target[] {
  const common = { bench, scenario: `${connections} held`, contestant: 'kernel-probes' } as const
  return [
    {
      ...common,
      title: `connections held, of ${connections}`,
      figure: 'heldConnections',
      limit: connections,
      limitIs: 'least',
      unit: 'connections',
    },
    {
      ...common,
      title: `lost, of ${connections}`,
      figure: 'lost',
      limit: 0,
      limitIs: 'most',
      unit: 'connections',
    },
  ]
}

export const scaleTargets: readonly Target[] = [
  {
    title: 'CPU per heartbeat, of a kernel probe',
    bench: 'heartbeat',
    scenario: '10000 asked each second',
    figure: 'cpuUs',
    contestant: 'heartbeat',
    against: 'kernel-probes',
    limit: 4,
    limitIs: 'least',
    unit: '×',
  },
  ...held('hold', 200_000),
  ...held('million', 1_000_000),
]
