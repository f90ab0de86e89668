import { expect, it } from 'vitest'
import { Progress } from '../../../bench/harness/progress.js'

/** Two benches, expected to take 100 s and 300 s. */
function started(terminal = false) {
  let nowMs = 0
  let written = ''
  const output = {
    isTTY: terminal,
    columns: 40,
    write: (text: string) => {
      written += text
    },
  }
  const plan = [
    { name: 'echo', seconds: 100 },
    { name: 'idle', seconds: 300 },
  ]
  const progress = new Progress(plan, output, () => nowMs)
  return {
    progress,
    wait: (seconds: number) => {
      nowMs += seconds * 1000
    },
    take: () => {
      const text = written
      written = ''
      return text
    },
  }
}

it('starts with what is expected', () => {
  const { progress, take } = started()
  progress.beginBench(4)
  progress.beginStep('round 1 of 4')
  expect(take()).toBe('echo: round 1 of 4 (1 of 4); bench 1 of 2, 0:00 gone, about 6:40 left\n')
})

it('corrects the time left by what was measured so far', () => {
  const { progress, wait, take } = started()
  progress.beginBench(4)
  progress.beginStep('round 1 of 4')
  wait(50)
  progress.endStep()
  progress.beginStep('round 2 of 4')
  // A quarter of 100 s took 50 s: everything takes twice as long.
  expect(take()).toContain('echo: round 2 of 4 (2 of 4); bench 1 of 2, 0:50 gone, about 12:30 left')
})

it('tells what runs within a step, and what is left by the share of it that is done', () => {
  const { progress, wait, take } = started()
  progress.beginBench(2)
  progress.beginStep('round 1 of 2')
  take()
  wait(25)
  progress.within('10000 held', 0.5)
  expect(take()).toBe(
    'echo: round 1 of 2 (1 of 2), 10000 held; bench 1 of 2, 0:25 gone, about 6:15 left\n',
  )
  progress.endStep()
  progress.beginStep('round 2 of 2')
  expect(take()).toMatch(/^echo: round 2 of 2 \(2 of 2\);/)
})

it('knows nothing but its factor between two benches', () => {
  const { progress, wait } = started()
  progress.beginBench(1)
  progress.beginStep('round 1 of 1')
  wait(50)
  progress.endStep()
  progress.endBench()
  expect(progress.secondsLeft()).toBe(150)
  progress.beginBench(2)
  expect(progress.secondsLeft()).toBe(150)
  wait(75)
  progress.endStep()
  expect(progress.secondsLeft()).toBe(75)
  wait(75)
  progress.endStep()
  progress.endBench()
  expect(progress.secondsLeft()).toBe(0)
})

it('counts a bench without steps as done', () => {
  const { progress, take } = started()
  progress.beginBench(0)
  progress.endBench()
  progress.beginBench(1)
  progress.beginStep('round 1 of 1')
  expect(take()).toContain('idle: round 1 of 1 (1 of 1); bench 2 of 2')
  expect(progress.secondsLeft()).toBeLessThanOrEqual(300)
})

it('is one line on a terminal, no longer than that, and goes when something else is shown', () => {
  const { progress, take } = started(true)
  progress.beginBench(1)
  progress.beginStep('round 1 of 1')
  const line = take()
  expect(line).toHaveLength('\r\x1b[K'.length + 39)
  expect(line).not.toContain('\n')
  progress.clear()
  expect(take()).toBe('\r\x1b[K')
  progress.clear()
  expect(take()).toBe('')
})
