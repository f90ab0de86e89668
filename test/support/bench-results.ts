import type { Environment } from '../../bench/harness/environment.js'
import type { BenchRun, Results } from '../../bench/harness/results.js'
import { madeUpSamples } from './bench-samples.js'

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
  const samples = madeUpSamples()
  const benches = [...new Set(samples.map(({ bench }) => bench)), 'million']
  return {
    format: 'holdfast-bench-1',
    state: 'complete',
    command: ['--rounds', '5'],
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
