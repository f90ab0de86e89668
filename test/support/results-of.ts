import type { Environment } from '../../bench/harness/environment.js'
import { type Results, resultsFormat } from '../../bench/harness/results.js'
import type { Sample } from '../../bench/harness/samples.js'

/** A made-up machine. */
export const environment: Environment = {
  date: '2026-11-21T22:31:05.000Z',
  host: 'Lab 7.example',
  commit: 'abcdef',
  uncommittedChanges: false,
  cpu: 'a processor',
  cores: 2,
  pinned: { server: 0, load: 1 },
  memoryBytes: 2 ** 33,
  kernel: 'Linux 6.18.0 x64',
  node: 'v20.20.2',
  governor: 'performance',
  clocksource: 'tsc',
  congestionControl: 'cubic',
  sysctl: { 'net.ipv4.tcp_rmem': '4096\t131072\t6291456' },
  descriptorsPerProcess: '20000',
  loadAverage: [0, 0, 0],
}

/** A whole run of the bench of these samples. */
export function resultsOf(samples: readonly Sample[], change: Partial<Results> = {}): Results {
  const names = [...new Set(samples.map(({ bench }) => bench))]
  return {
    format: resultsFormat,
    state: 'complete',
    command: [],
    quick: false,
    environment,
    benches: names.map((name) => ({
      ...{ name, title: `What ${name} costs`, rounds: 5 },
      ...{ state: 'complete', seconds: 12 },
    })),
    skipped: [],
    samples,
    judgements: [],
    micro: [],
    ...change,
  }
}

/** One figure of one contestant, a value for each round. */
export function series(
  contestant: string,
  figure: string,
  values: readonly number[],
  bench = 'echo',
): Sample[] {
  return values.map((value, round) => ({
    ...{ bench, scenario: 'N=50', contestant, round },
    figures: { [figure]: value },
  }))
}
