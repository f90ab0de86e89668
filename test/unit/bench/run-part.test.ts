import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Contestant } from '../../../bench/harness/contestants.js'
import type { Context, SerialBench } from '../../../bench/harness/context.js'
import { Interrupted } from '../../../bench/harness/interruption.js'
import { Progress } from '../../../bench/harness/progress.js'
import { Recorder } from '../../../bench/harness/recorder.js'
import { type Running, runPart } from '../../../bench/harness/run-part.js'
import { environment } from '../../support/results-of.js'

const contestant: Contestant = { name: 'a', command: () => [], isBuilt: () => true }

function benchThat(measure: SerialBench['measure']): SerialBench {
  return { name: 'echo', title: 'Echo', contestants: [contestant], columns: [], measure }
}

function started() {
  const recorder = new Recorder({ command: [], quick: true, environment, skipped: [] }, [
    { name: 'echo', title: 'Echo', rounds: 2 },
    { name: 'idle', title: 'Idle', rounds: 2 },
  ])
  const samples = recorder.samples
  const context: Context = {
    ...{ cores: { server: 0, load: 1 }, rounds: 2, quick: true, full: false, samples },
    ...{ taking: new Set(['a']), runs: () => true, tell: () => {} },
  }
  const saved: ReturnType<Recorder['results']>[] = []
  let interrupt = (): void => {}
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Interrupted('SIGINT'))
  })
  interrupted.catch(() => {})
  const running: Running = {
    recorder,
    progress: new Progress([{ name: 'echo', seconds: 1 }], { write: () => true }),
    // As a file keeps it.
    save: (state) => saved.push(structuredClone(recorder.results(state))),
    interrupted,
  }
  return { recorder, context, running, saved, interrupt }
}

const sampleOf = (round: number) => ({
  ...{ bench: 'echo', scenario: 'N=50', contestant: 'a', round },
  figures: { cpuNs: 1 },
})

describe('a bench of a run', () => {
  beforeEach(() => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is saved after each step, and complete at its end', async () => {
    const { recorder, context, running, saved } = started()
    const bench = benchThat(async (_, round) => context.samples.add(sampleOf(round)))
    await runPart(bench, context, running)
    expect(saved.map(({ samples, benches }) => [samples.length, benches[0]?.state])).toEqual([
      [1, 'partial'],
      [2, 'partial'],
      [2, 'complete'],
    ])
    expect(saved.map(({ state }) => state)).toEqual(['running', 'running', 'running'])
    expect(recorder.outcome).toBe('complete')
  })

  it('is recorded with its reasons when it fails, and keeps what it has measured', async () => {
    const { recorder, context, running } = started()
    const bench = benchThat(async (_, round) => {
      if (round === 1) throw new Error('the server ended', { cause: new Error('status 9') })
      context.samples.add(sampleOf(round))
    })
    await runPart(bench, context, running)
    const { benches, samples } = recorder.results('failed')
    expect(benches).toMatchObject([
      { state: 'failed', error: 'round 2 of 2, a: the server ended: status 9' },
      { state: 'waiting' },
    ])
    expect(samples).toHaveLength(1)
    expect(recorder.outcome).toBe('failed')
  })

  it('stays partial when the run is interrupted, and may clean up behind itself', async () => {
    const { recorder, context, running, interrupt } = started()
    let cleaned = false
    let unwind = (): void => {}
    const stopped = new Promise<void>((resolve) => {
      unwind = resolve
    })
    const bench = benchThat(async (_, round) => {
      context.samples.add(sampleOf(round))
      if (round === 0) return
      interrupt()
      try {
        setImmediate(unwind)
        await stopped
      } finally {
        cleaned = true
      }
    })
    await expect(runPart(bench, context, running)).rejects.toThrow(Interrupted)
    expect(cleaned).toBe(true)
    expect(recorder.results('interrupted')).toMatchObject({
      state: 'interrupted',
      benches: [{ state: 'partial' }, { state: 'waiting' }],
    })
  })

  it('did not fail when the signal ended its children first', async () => {
    const { recorder, context, running, interrupt } = started()
    const bench = benchThat(async () => {
      setTimeout(interrupt, 1)
      throw new Error('raw_epoll ended (SIGINT)')
    })
    await expect(runPart(bench, context, running)).rejects.toThrow(Interrupted)
    expect(recorder.outcome).toBe('complete')
  })
})
