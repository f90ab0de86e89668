import type { Sample } from '../../bench/harness/samples.js'
import { planKeepalive } from '../../lib/core/keepalive-plan.js'

type Figures = Readonly<Record<string, number>>

/** Made-up figures of plausible size for every bench that has a section of its own, and one more. */
export function madeUpSamples(): Sample[] {
  return [...echoes(), ...keepalives(), ...probing(), ...deaths(), ...losses(), ...rest()]
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
      const figures = { cpuNs: 21_000 + ns + connections / 20, systemCalls: calls }
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
        asksPerSecond: cost.perSecond * 0.98,
        bytesPerConnectionDay: ((frames * 86_400_000) / idleMs) * 66,
        machineCpuCores: cost.cpuCores * 1.15 + 0.001,
        wakeUpsPerSecond: frames === 2 ? 2 : cost.perSecond,
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
  const bounds = [
    ['holdfast-epoll', 'load-balancer as 1/1/5, idle', 6200],
    ['holdfast-epoll', 'load-balancer as 1/1/5, data in flight', 4000],
    ['holdfast-epoll', 'shortest as 1/1/1, idle', 3000],
    ['node-net', 'load-balancer as 1/1/5, idle', 11_000],
  ] as const
  return bounds.map(([contestant, scenario, boundMs], at) => ({
    bench: 'detection',
    scenario,
    contestant,
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
      return ['holdfast-epoll', 'holdfast-uv'].map((contestant) => ({
        bench: 'loss',
        scenario: `${lossPercent} % each way, 1/1/${count}`,
        contestant,
        round: 0,
        parameters: { loss: lossPercent / 100, count },
        figures: {
          killed,
          expected,
          killedLow: Math.max(0, killed - 2 * Math.sqrt(killed)),
          killedHigh: killed + 2 * Math.sqrt(killed) + 1,
        },
      }))
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
            contestant: 'kernel-probes',
            parameters: { connections: 200_000 },
            figures: {
              heldConnections: 200_000,
              lost: 0,
              heldSeconds: 60,
              dialSeconds: 14.2,
              residentBytes: 260,
              kernelBytes: 8294,
              'ends peer-end': 200_000,
            },
            note: 'stopped at nothing',
          },
          0,
        ).slice(0, 1)
      : []),
  ])
}
