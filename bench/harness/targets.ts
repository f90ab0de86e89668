import { targetsOfAccepting } from './targets-accept.js'
import { targetsOfTheDead } from './targets-dead.js'
import { echoTargets } from './targets-echo.js'
import { scaleTargets } from './targets-scale.js'

/** A figure that must be reached: of one contestant, alone or as a multiple of another's. */
export interface Target {
  readonly title: string
  readonly bench: string
  readonly scenario: string
  readonly figure: string
  readonly contestant: string
  readonly against?: string
  readonly limit: number
  readonly limitIs: 'most' | 'least'
  readonly unit: '×' | 'bytes' | '%' | 'ms' | 'connections' | 'µs'
}

const hostile = { bench: 'hostile', contestant: 'holdfast-epoll' } as const
const withinLimits = [
  '1000 that send a byte a second',
  '4000 connects and resets a second',
  '20 that never read',
  '4 that flood',
  '5000 that are idle',
]

const ofDeadlines = {
  bench: 'deadlines',
  scenario: '1000000, idle time 60 s',
  contestant: 'holdfast-wheel',
  limitIs: 'most',
} as const

/**
 * With a detection time of 9 s, 5 % and one second: the clock's own bound, less than the promise, which
 * has room for late timers of the kernel. That none or all were ended is asserted by the bench itself.
 */
function ofLivenessClock(contestant: string): Target[] {
  const common = { bench: 'liveness', contestant, limitIs: 'most' } as const
  const found = { ...common, figure: 'maxMs', limit: 10_450, unit: 'ms' } as const
  return [
    {
      ...common,
      title: 'CPU of a core, watching slow readers',
      scenario: '10000 slow readers',
      figure: 'cpuPercent',
      limit: 1,
      unit: '%',
    },
    { ...found, title: 'dead found, windows closed', scenario: '10000 gone, windows closed' },
    { ...found, title: 'dead found, data in flight', scenario: '10000 gone, data in flight' },
  ]
}

/** 300 ms for 100,000 sockets: of one process its share, of one port all that the kernel tells. */
function ofInspection(contestant: string): Target[] {
  const common = { bench: 'inspect', contestant, figure: 'wallMs', limitIs: 'most' } as const
  return [
    {
      ...common,
      title: 'inspect() of 19,000 connections',
      scenario: '19000 on one port, processes: 1',
      limit: 57,
      unit: 'ms',
    },
    {
      ...common,
      title: 'inspect() where a port has 100,000',
      scenario: '100000 on one port, processes: 6',
      limit: 300,
      unit: 'ms',
    },
  ]
}

const messages = { bench: 'messages', scenario: 'N=50, 16 in flight', figure: 'cpuNs' } as const

export const targets: readonly Target[] = [
  ...echoTargets,
  ...['holdfast-http-epoll', 'holdfast-http-uv'].map(
    (contestant): Target => ({
      title: 'HTTP requests per second',
      bench: 'http',
      scenario: '50 keep-alive',
      figure: 'perSecond',
      contestant,
      against: 'node-http',
      limit: 0.9,
      limitIs: 'least',
      unit: '×',
    }),
  ),
  ...targetsOfAccepting,
  {
    title: 'rate kept beside 4 flooders',
    bench: 'fairness',
    scenario: '50 beside 4',
    figure: 'keptRate',
    contestant: 'holdfast-epoll',
    limit: 0.5,
    limitIs: 'least',
    unit: '×',
  },
  ...withinLimits.map(
    (scenario): Target => ({
      title: `rate kept beside ${scenario}`,
      scenario,
      figure: 'keptRate',
      limit: 0.8,
      limitIs: 'least',
      unit: '×',
      ...hostile,
    }),
  ),
  {
    title: 'served beside resets, unpaced',
    scenario: 'connects and resets, unpaced',
    figure: 'servedPercent',
    limit: 100,
    limitIs: 'least',
    unit: '%',
    ...hostile,
  },
  ...['nobody else', 'beside 5000 addresses'].map(
    (scenario): Target => ({
      title: `CPU per connection, ${scenario}`,
      bench: 'admission',
      scenario,
      figure: 'cpuNs',
      contestant: 'holdfast-epoll-per-address',
      against: 'holdfast-epoll',
      limit: 1.03,
      limitIs: 'most',
      unit: '×',
    }),
  ),
  {
    title: 'CPU of a million deadlines',
    ...ofDeadlines,
    figure: 'deadlineCpuPercent',
    limit: 1,
    unit: '%',
  },
  {
    title: 'memory of a deadline',
    ...ofDeadlines,
    figure: 'deadlineBytes',
    limit: 64,
    unit: 'bytes',
  },
  ...['holdfast-epoll', 'holdfast-uv'].flatMap(ofLivenessClock),
  ...ofInspection('holdfast-epoll'),
  ...['lines-decoded', 'length-decoded'].map(
    (contestant): Target => ({
      title: 'CPU per message decoded',
      contestant,
      against: 'holdfast-epoll',
      limit: 1.15,
      limitIs: 'most',
      unit: '×',
      ...messages,
    }),
  ),
  ...['ping_inline', 'ping_mbulk', 'set', 'get'].map(
    (scenario): Target => ({
      title: `requests per second, ${scenario}`,
      bench: 'resp',
      scenario,
      figure: 'perSecond',
      contestant: 'resp-epoll',
      against: 'redis-server',
      limit: 0.5,
      limitIs: 'least',
      unit: '×',
    }),
  ),
  ...targetsOfTheDead,
  ...scaleTargets,
]
