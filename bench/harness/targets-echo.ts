import type { Target } from './targets.js'

const own = { bench: 'echo', contestant: 'holdfast-epoll', unit: '×' } as const

function cpu(scenario: string, limit: number): Target {
  const title = `CPU per echo, ${scenario}`
  return { ...own, title, scenario, figure: 'cpuNs', against: 'raw-epoll', limit, limitIs: 'most' }
}

function rate(scenario: string, limit: number): Target {
  const title = `echoes per second, ${scenario}`
  const against = 'node-net'
  return { ...own, title, scenario, figure: 'perSecond', against, limit, limitIs: 'least' }
}

/** What an echo may cost, and that those who flood keep nobody waiting. */
export const echoTargets: readonly Target[] = [
  cpu('N=50', 1.03),
  cpu('N=1000', 1.03),
  cpu('N=10000', 1),
  cpu('N=50, 16 in flight', 1.08),
  rate('N=50', 1.5),
  rate('N=1000', 1.6),
  rate('N=50, 16 in flight', 1.55),
  {
    title: 'p99 beside 4 flooders',
    bench: 'fairness',
    scenario: '50 beside 4',
    figure: 'besideP99Us',
    contestant: 'holdfast-epoll',
    limit: 2000,
    limitIs: 'most',
    unit: 'µs',
  },
]
