import { describe, expect, it } from 'vitest'
import type { Bench } from '../../../bench/harness/context.js'
import { describeSkips, isSkipped, preflight, shareLeft } from '../../../bench/harness/preflight.js'
import type { Machine, Needs } from '../../../bench/harness/requirements.js'

const machine: Machine = {
  cores: 2,
  descriptorsPerProcess: 20_000,
  openFiles: 100_000,
  memoryBytes: 2 ** 30,
  portsPerAddress: 28_232,
  packetsAtOnce: 1000,
  root: false,
  has: (program) => program === 'here',
}

function bench(needs: Needs, quickNeeds: Needs = {}): Bench {
  return {
    ...{ name: 'probes', title: 'Probes', contestants: [], columns: [] },
    requirements: (quick) => [
      { scenario: '10000 held', needs: {} },
      { scenario: '200000 held', needs: quick ? quickNeeds : needs },
    ],
    measure: async () => {},
  }
}

describe('what this machine is too small for', () => {
  it.each([
    [{ cores: 4 }, 'cores: needs 4, has 2: run it on a machine with more'],
    [
      { descriptorsPerProcess: 50_000 },
      'descriptors a process: needs 50,000, has 20,000: ulimit -n 50000, or LimitNOFILE= of the unit',
    ],
    [
      { openFiles: 400_000 },
      'open files of the machine: needs 400,000, has 100,000: sudo sysctl -w fs.file-max=400000',
    ],
    [{ memoryBytes: 2 ** 31 }, 'memory available: needs 2.0 GiB, has 1.0 GiB'],
    [
      { portsPerAddress: 50_000 },
      'ports of a source address: needs 50,000, has 28,232: sudo sysctl -w',
    ],
    [
      { packetsAtOnce: 3000 },
      'needs 3,000, has 1,000: sudo sysctl -w net.core.netdev_max_backlog=3000\n    The kernel',
    ],
    [{ root: true }, 'root: needs yes, has no: run it as root (sudo -E)'],
    [
      { programs: { here: 'a-package', gone: 'b-package' } },
      'the program gone: needs installed, has missing: apt-get install b-package',
    ],
  ] as [Needs, string][])('%o is told with what to do', (needs, text) => {
    const skips = preflight([bench(needs)], [], false, machine)
    expect(skips).toMatchObject([{ bench: 'probes', scenario: '200000 held' }])
    expect(skips[0]?.shortages).toHaveLength(1)
    expect(describeSkips(skips)).toMatch(
      /^skipped: probes \(200000 held\)\n {2}[^\n]+\n( {4}[^\n]+\n)?$/,
    )
    expect(describeSkips(skips)).toContain(text)
  })

  it('does not run, and all the rest does', () => {
    const skips = preflight([bench({ cores: 4 })], [], false, machine)
    expect(isSkipped(skips, 'probes', '200000 held')).toBe(true)
    expect(isSkipped(skips, 'probes', '10000 held')).toBe(false)
    expect(isSkipped(skips, 'heartbeat', '200000 held')).toBe(false)
  })

  it.each([['probes'], ['all']])('runs all of its scenarios when %s is asked for', (name) => {
    const asked: boolean[] = []
    const requirements = (_: boolean, full: boolean): [] => {
      asked.push(full)
      return []
    }
    preflight([{ ...bench({}), requirements }], [name], false, machine)
    preflight([{ ...bench({}), requirements }], [], false, machine)
    expect(asked).toEqual([true, false])
  })

  it('may be small enough for a smoke run', () => {
    expect(preflight([bench({ cores: 4 })], [], true, machine)).toEqual([])
  })
})

it('the same shortage of many scenarios is one line, with what is enough for all', () => {
  const sizes = [3000, 12_000, 800, 5000]
  const crowd: Bench = {
    ...bench({}),
    requirements: () =>
      sizes.map((packetsAtOnce) => ({ scenario: `${packetsAtOnce}`, needs: { packetsAtOnce } })),
  }
  const skips = preflight([crowd], [], false, machine)
  expect(describeSkips(skips).split('\n').slice(0, 2)).toEqual([
    'skipped: probes (3 scenarios)',
    '  packets queued on loopback: needs up to 12,000 for 3 of them, has 1,000: sudo sysctl -w net.core.netdev_max_backlog=12000',
  ])
  expect(shareLeft(crowd, [], false, skips)).toBe(0.25)
  expect(shareLeft({ ...crowd, name: 'echo' }, [], false, skips)).toBe(1)
})

it('nothing is said where nothing is short', () => {
  expect(
    describeSkips(preflight([bench({ cores: 2, openFiles: 100_000 })], [], false, machine)),
  ).toBe('')
})
