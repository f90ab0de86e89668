import { describe, expect, it } from 'vitest'
import { isGood, judge, verdictOf } from '../../../bench/harness/judging.js'
import { judgementRows } from '../../../bench/harness/rows.js'
import { type Sample, Samples } from '../../../bench/harness/samples.js'

const scenario = '10000 asked each second'
const both = new Set(['kernel-probes', 'heartbeat'])

/** The goal: a heartbeat costs four kernel probes at least. */
function judged(probe: Partial<Sample>, beat: Partial<Sample>, taking = both, runs = true) {
  const common = { bench: 'heartbeat', scenario, round: 0, figures: {} }
  const samples = new Samples([
    { ...common, contestant: 'kernel-probes', ...probe },
    { ...common, contestant: 'heartbeat', ...beat },
  ])
  const judgements = judge(samples, 'heartbeat', { runs: () => runs, taking })
  return {
    ...judgements[0],
    rows: judgementRows(judgements).rows.map((row) => row.at(-1)),
    judgements,
  }
}
const cpu = (cpuUs: number, machineCpuCores = 1, more = {}) => ({
  figures: { cpuUs, machineCpuCores, noiseCores: 0.1, ...more },
})

describe('a goal', () => {
  it('is reached or missed', () => {
    expect(judged(cpu(2), cpu(9))).toMatchObject({
      ...{ verdict: 'reached', passed: true, measured: { median: 4.5 } },
    })
    expect(judged(cpu(2), cpu(7))).toMatchObject({ verdict: 'missed', passed: false })
  })

  it('is not judged by less than nothing, or by less than its noise, of either side', () => {
    for (const [probe, beat] of [
      [cpu(-307, 0.2), cpu(9)],
      [cpu(2), cpu(-9)],
      [cpu(2, 0.05), cpu(9)],
    ] as const) {
      const found = judged(probe, beat)
      expect(found).toMatchObject({ verdict: 'not judged', passed: false, measured: undefined })
      expect(found.rows).toEqual([expect.stringMatching(/^not judged: .* is below noise$/)])
      expect(found.judgements.every(isGood)).toBe(false)
    }
  })

  it('is not judged where the bench left its figure out, and says why', () => {
    const { rows } = judged({ note: 'the CPU of it is below the noise' }, cpu(9))
    expect(rows).toEqual(['not judged: kernel-probes: the CPU of it is below the noise'])
  })

  it('is left out with its contestant, which is no failure', () => {
    const { rows, judgements } = judged(cpu(2), {}, new Set(['kernel-probes']))
    expect(rows).toEqual(['not measured: left out by --servers'])
    expect(judgements.every(isGood)).toBe(true)
  })

  it('is not measured, and not good, where nothing was there to judge', () => {
    const { judgements } = judged({}, {})
    expect(judgements).toMatchObject([{ verdict: 'not measured' }])
    expect(judgements.every(isGood)).toBe(false)
  })

  it('is none of a scenario that was skipped', () => {
    expect(judged(cpu(2), cpu(9), both, false).judgements).toEqual([])
  })

  it('is marked where others were at work', () => {
    expect(judged(cpu(2), cpu(9, 1, { disturbance: 0.5 })).rows).toEqual(['reached (NOISY)'])
    expect(judged(cpu(2), cpu(9, 1, { disturbance: 0.05 })).rows).toEqual(['reached'])
  })

  it('says when one observation is all there is', () => {
    expect(judgementRows(judged(cpu(2), cpu(9)).judgements).rows[0]).toContain('one observation')
  })

  it('has a verdict in older files too', () => {
    const older = { bench: 'b', title: 't', of: 'a', limit: '≤ 1', measured: undefined }
    expect(verdictOf({ ...older, passed: false })).toBe('not measured')
    const measured = { median: 1, min: 1, max: 1, rounds: 1 }
    expect(verdictOf({ ...older, measured, passed: true })).toBe('reached')
    expect(verdictOf({ ...older, measured, passed: false })).toBe('missed')
  })
})
