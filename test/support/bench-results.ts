import type { Environment } from '../../bench/harness/environment.js'
import type { BenchRun, Results } from '../../bench/harness/results.js'
import type { Sample } from '../../bench/harness/samples.js'
import { planKeepalive } from '../../lib/core/keepalive-plan.js'

type Figures = Readonly<Record<string, number>>

const titles: Readonly<Record<string, string>> = {
  echo: 'What an echo costs',
  sizes: 'An echo by size',
  keepalive: 'What keepalive adds to an accept',
  probes: 'Probes at scale',
  heartbeat: 'A kernel probe against a heartbeat',
  detection: 'How soon a dead peer is found',
  loss: 'What loss ends that is healthy',
  idle: 'What an idle connection takes',
  hold: '200,000 connections, held',
  accept: 'What it costs to accept and close a connection',
  storm: 'What it costs when all go at once',
  fairness: 'What flooders leave to the others',
  inspect: 'What it costs to look at every connection',
}

/** Results of a run that never was: every bench, made-up figures of plausible size, the same each time. */
export function madeUpResults(changes: Partial<Results> = {}): Results {
  const samples = [...echoes(), ...keepalives(), ...probing(), ...deaths(), ...losses(), ...rest()]
  const benches = [...new Set(samples.map(({ bench }) => bench)), 'million']
  return {
    format: 'holdfast-bench-1',
    state: 'complete',
    command: ['npm', 'run', 'bench', '--', '--rounds', '5'],
    quick: false,
    environment,
    benches: benches.map(
      (name): BenchRun => ({
        name,
        title: titles[name] ?? 'A million connections',
        rounds: 5,
        state: 'complete',
        seconds: 60,
      }),
    ),
    skipped: [
      {
        bench: 'million',
        scenario: '1000000 held',
        shortages: [
          {
            what: 'memory available',
            needed: '16.0 GiB',
            have: '9.1 GiB',
            raise: 'end other processes, or run it on a machine with more',
          },
        ],
      },
    ],
    samples,
    judgements: [
      goal('CPU per echo, N=50', 'holdfast-epoll / raw-epoll', '≤ 1.06', 1.021),
      goal('echoes per second, N=1000', 'holdfast-epoll / node-net', '≥ 1.5', 1.62),
      goal('memory per idle connection', 'holdfast-epoll', '≤ 400 bytes', 431),
      {
        bench: 'echo',
        title: 'a goal',
        of: 'nobody',
        measured: undefined,
        limit: '≤ 2 ms',
        passed: false,
      },
    ],
    micro: ['lines', 'length-prefixed', 'policy from a preset'].map((name, at) => ({
      suite: at < 2 ? 'decode' : 'keepalive policy',
      name,
      nsPerOperation: 42.5 * (at + 1),
      errorPercent: 1.3,
      samples: 88,
    })),
    ...changes,
  }
}

const environment: Environment = {
  date: '2026-11-21T20:00:00.000Z',
  host: 'bench-host',
  commit: '0123456789abcdef0123456789abcdef01234567',
  uncommittedChanges: false,
  cpu: 'A processor of eight names, 3.0 GHz',
  cores: 2,
  pinned: { server: 0, load: 1 },
  memoryBytes: 16 * 2 ** 30,
  kernel: 'Linux 6.18.0 x64',
  node: 'v20.20.2',
  governor: 'performance',
  clocksource: 'tsc',
  congestionControl: 'cubic',
  sysctl: { 'net.core.somaxconn': '4096', 'net.ipv4.ip_local_port_range': '10000\t65000' },
  descriptorsPerProcess: '1048576',
  loadAverage: [0.1, 0.2, 0.3],
}

function goal(title: string, of: string, limit: string, median: number) {
  const measured = { median, min: median * 0.99, max: median * 1.012, rounds: 5 }
  const passed = limit.startsWith('≤')
    ? median <= Number.parseFloat(limit.slice(2))
    : median >= Number.parseFloat(limit.slice(2))
  const bench = title.startsWith('memory') ? 'idle' : 'echo'
  return { bench, title, of, measured, limit, passed }
}

/** Five rounds around the figures, each a little off. */
function rounds(sample: Omit<Sample, 'round'>, spread = 0.03): Sample[] {
  return [0, 1, -0.6, 0.4, -1].map((off, round) => ({
    ...sample,
    round,
    figures: Object.fromEntries(
      Object.entries(sample.figures).map(([name, value]) => [name, value * (1 + off * spread)]),
    ),
  }))
}

const servers = [
  ['raw-epoll', 1],
  ['raw-epoll-again', 1.004],
  ['raw-libuv', 1.06],
  ['node-net', 3.2],
  ['holdfast-epoll', 1.02],
  ['holdfast-uv', 1.11],
] as const

function echoes(): Sample[] {
  const scenarios = [
    ...[50, 1000, 10_000].map((connections) => [`N=${connections}`, connections, 64] as const),
    ...[1024, 65_536].map((bytes) => [`N=50, ${bytes} bytes`, 50, bytes] as const),
  ]
  return scenarios.flatMap(([scenario, connections, requestBytes]) =>
    servers.flatMap(([contestant, times], at) => {
      const cpuNs = (5000 + requestBytes * 0.4) * times * (connections > 1000 ? 1.4 : 1)
      const percents = [0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100]
      return rounds(
        {
          bench: requestBytes === 64 ? 'echo' : 'sizes',
          scenario,
          contestant,
          parameters: { connections, requestBytes },
          figures: { cpuNs, perSecond: 1e9 / cpuNs, p99Us: 400 * times, disturbance: 0.02 },
          percentiles: {
            latencyUs: percents.map((percent) => ({
              percent,
              value: (connections * 5 + 40 / (1.001 - percent / 100)) * (1 + at / 10),
            })),
          },
          checksum: 'abc',
        },
        0.004 * (at + 1),
      )
    }),
  )
}

function keepalives(): Sample[] {
  const kinds = [
    ['off', 0, 4],
    ['inherited', 60, 4],
    ['per-socket', 2100, 8],
  ] as const
  return [1000, 5000, 20_000].flatMap((connections) =>
    kinds.flatMap(([contestant, ns, calls]) => {
      const figures = { cpuNs: 21_000 + ns + connections / 20, callsPerConnection: calls }
      return rounds({
        bench: 'keepalive',
        scenario: `N=${connections}`,
        contestant,
        parameters: { connections },
        figures,
      })
    }),
  )
}

function probing(): Sample[] {
  const asks = [10_000, 50_000, 100_000, 200_000].flatMap((connections) =>
    [1000, 5000, 15_000, 60_000].flatMap((idleMs) => {
      const policy = { idleMs, intervalMs: idleMs, count: 3 }
      const { probes, heartbeat } = planKeepalive(policy, { connections })
      const figuresOf = (cost: typeof probes, frames: number): Figures => ({
        probesPerSecond: cost.perSecond * 0.98,
        bytesPerConnectionDay: ((frames * 86_400_000) / idleMs) * 66,
        machineCpuCores: cost.cpuCores * 1.15 + 0.001,
        wakeupsPerSecond: frames === 2 ? 2 : cost.perSecond,
      })
      const place = {
        scenario: `N=${connections}, ${idleMs} ms`,
        parameters: { connections, idleMs },
      }
      const kernel = { bench: 'probes', contestant: 'kernel-probes', ...place }
      const beats = { bench: 'probes', contestant: 'heartbeat', ...place }
      return [
        ...rounds({ ...kernel, figures: figuresOf(probes, 2) }),
        ...(connections > 10_000 ? [] : rounds({ ...beats, figures: figuresOf(heartbeat, 3) })),
      ]
    }),
  )
  const beats = [
    ['kernel-probes', 3.9],
    ['heartbeat', 16.8],
  ] as const
  const one = beats.flatMap(([contestant, cpuUs]) =>
    rounds({ bench: 'heartbeat', scenario: '9000 connections', contestant, figures: { cpuUs } }),
  )
  return [...asks, ...one]
}

function deaths(): Sample[] {
  const bounds = {
    'load-balancer as 1/1/5, idle': 6200,
    'load-balancer as 1/1/5, data in flight': 4000,
    'shortest as 1/1/1, idle': 3000,
  }
  return Object.entries(bounds).map(([scenario, boundMs], at) => ({
    bench: 'detection',
    scenario,
    contestant: 'holdfast-epoll',
    round: 0,
    parameters: { boundMs },
    figures: { found: 300 },
    // Spread evenly over the idle time before the bound, the last ones a little late.
    values: {
      detectedMs: Array.from(
        { length: 300 },
        (_, i) =>
          boundMs * (0.7 + at * 0.04) + (boundMs * (0.32 - at * 0.04) * ((i * 7919) % 300)) / 300,
      ),
    },
  }))
}

function losses(): Sample[] {
  return [0.1, 1, 5, 20].flatMap((lossPercent) =>
    [2, 3, 5].flatMap((count): Sample[] => {
      const asked = 1 - (1 - lossPercent / 100) ** 2
      const expected = 2000 * 20 * asked ** count
      const killed = Math.round(expected * 1.07)
      return [
        {
          bench: 'loss',
          scenario: `${lossPercent} % loss, ${count} probes`,
          contestant: 'kernel-probes',
          round: 0,
          parameters: { loss: lossPercent / 100, count },
          figures: {
            killed,
            expected,
            killedLow: Math.max(0, killed - 2 * Math.sqrt(killed)),
            killedHigh: killed + 2 * Math.sqrt(killed) + 1,
          },
        },
      ]
    }),
  )
}

function rest(): Sample[] {
  const bytes = { 'raw-epoll': 40, 'node-net': 4200, 'holdfast-epoll': 280, 'holdfast-uv': 520 }
  return Object.entries(bytes).flatMap(([contestant, residentBytes], at) => [
    ...rounds({
      bench: 'idle',
      scenario: '19000 held',
      contestant,
      parameters: { connections: 19_000 },
      figures: { residentBytes, heapBytes: at === 0 ? 0 : residentBytes * 0.4, kernelBytes: 4100 },
    }),
    ...rounds({
      bench: 'accept',
      scenario: 'connect and close',
      contestant,
      figures: { cpuNs: 20_000 + 9000 * at, perSecond: 30_000 - 3000 * at },
    }),
    ...['FIN', 'RST'].flatMap((manner) =>
      rounds({
        bench: 'storm',
        scenario: `19000 by ${manner}`,
        contestant,
        figures: { cpuNs: 4000 + 900 * at, lastMs: 90 + 10 * at },
      }),
    ),
    ...rounds({
      bench: 'fairness',
      scenario: '50 beside 4',
      contestant,
      figures: { keptRate: 0.5 + at / 20, besideP99Us: 900 + 100 * at },
    }),
    ...rounds({ bench: 'inspect', scenario: '19000', contestant, figures: { wallMs: 20 + at } }),
    ...(contestant === 'holdfast-epoll'
      ? rounds(
          {
            bench: 'hold',
            scenario: '200000 held 60 s',
            contestant,
            parameters: { connections: 200_000 },
            figures: {
              held: 200_000,
              lost: 0,
              hooksRun: 200_000,
              endedByPeerEnd: 200_000,
              kernelBytes: 820_000_000,
              dialSeconds: 14.2,
            },
          },
          0,
        ).slice(0, 1)
      : []),
  ])
}
