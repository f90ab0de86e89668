import { describe, expect, it } from 'vitest'
import { renderMarkdown } from '../../../bench/harness/markdown.js'
import { resultsOf, series } from '../../support/results-of.js'

const echo = {
  name: 'echo',
  contestants: [{ name: 'raw-epoll' }, { name: 'a|b' }],
  columns: [
    { figure: 'cpuNs', title: 'CPU ns/echo', digits: 0, relative: true },
    { figure: 'p99Us', title: 'p99 µs', digits: 1 },
  ],
}
const samples = [
  ...series('a|b', 'cpuNs', [220, 240, 200]),
  ...series('raw-epoll', 'cpuNs', [100, 120, 110]),
]

describe('the page of a run', () => {
  it('has environment, medians, spread and multiples of the first contestant', () => {
    const page = renderMarkdown([resultsOf(samples)], [echo])
    expect(page).toContain('## 2026-11-21 22:31 UTC, Lab 7.example')
    expect(page).toContain('| CPU | a processor, 2 cores |')
    expect(page).toContain('| net.ipv4.tcp_rmem | 4096 131072 6291456 |')
    expect(page).toContain('### echo: What echo costs\n\n5 rounds, 12 s. Medians')
    expect(page).toContain(
      [
        '| echo: N=50 | CPU ns/echo |',
        '|---|---|',
        '| raw-epoll | 110 (100 … 120) ×1.00 |',
        '| a\\|b | 220 (200 … 240) ×2.00 |',
      ].join('\n'),
    )
  })

  it('shows only rounds that have both in a multiple', () => {
    const cut = resultsOf([
      ...series('raw-epoll', 'cpuNs', [100]),
      ...series('a|b', 'cpuNs', [200, 900]),
    ])
    expect(renderMarkdown([cut], [echo])).toContain('| a\\|b | 550 (200 … 900) ×2.00 |')
  })

  it('has goals that were reached and missed, or not measured', () => {
    const goal = { bench: 'echo', title: 'CPU', of: 'a / b', limit: '≤ 1.03' }
    const measured = { median: 1.02, min: 1, max: 1.1, rounds: 3 }
    const page = renderMarkdown(
      [
        resultsOf(samples, {
          judgements: [
            { ...goal, measured, passed: true },
            { ...goal, measured: undefined, passed: false },
          ],
        }),
      ],
      [echo],
    )
    expect(page).toContain('| CPU | a / b | 1.020 | 1.000 … 1.100 | ≤ 1.03 | reached |')
    expect(page).toContain('| CPU | a / b | – | – | ≤ 1.03 | not measured |')
  })

  it('says what was skipped, what is partial, and what failed', () => {
    const shortage = { what: 'cores', needed: '4', have: '2', raise: 'another machine' }
    const [bench] = resultsOf(samples).benches
    const page = renderMarkdown(
      [
        resultsOf(samples, {
          state: 'interrupted',
          skipped: [
            { bench: 'echo', scenario: 'N=10000', shortages: [shortage] },
            { bench: 'loss', scenario: 'a', shortages: [{ ...shortage, needed: '9' }] },
            { bench: 'loss', scenario: 'b', shortages: [{ ...shortage, needed: '12' }] },
          ],
          benches: [
            {
              ...bench,
              name: 'echo',
              title: 'Echo',
              rounds: 1,
              seconds: 3,
              state: 'partial',
              step: 'round 1 of 1',
            },
            {
              ...{ name: 'idle', title: 'Idle', rounds: 1, seconds: 3 },
              ...{ state: 'failed', error: 'it ended\nwith 1' },
            },
            { name: 'storm', title: 'Storm', rounds: 1, seconds: 0, state: 'waiting' },
          ],
        }),
      ],
      [echo],
    )
    expect(page).toContain('**Not whole: interrupted in echo, round 1 of 1; failed: idle.**')
    expect(page).toContain('| echo | N=10000 | cores | 4 | 2 | another machine |')
    expect(page).toContain('| loss | a; b | cores | up to 12 | 2 | another machine |')
    expect(page).toContain('one round, 3 s, partial in round 1 of 1.')
    expect(page).toContain('one round, 3 s, failed.')
    expect(page).toContain('```\nit ended\nwith 1\n```')
    expect(page).toContain('### storm: Storm\n\nnot begun.')
  })

  it('has contestants and figures that their bench no longer has', () => {
    const older = [...series('raw-epoll', 'cpuNs', [100]), ...series('gone', 'cpuNs', [300])]
    expect(renderMarkdown([resultsOf(older)], [echo])).toContain('| gone | 300 ×3.00 |')
    const renamed = series('raw-epoll', 'cpuNanoseconds', [100])
    expect(renderMarkdown([resultsOf(renamed)], [echo])).toContain(
      '| echo: N=50 | cpuNanoseconds |\n|---|---|\n| raw-epoll | 100.00 |',
    )
  })

  it('has every figure of a bench that is no longer known', () => {
    const page = renderMarkdown([resultsOf(samples)], [])
    expect(page).toContain('| echo: N=50 | cpuNs |')
    expect(page).toContain('| raw-epoll | 110.00 (100.00 … 120.00) |')
  })
})
