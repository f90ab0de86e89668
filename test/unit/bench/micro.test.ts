import { expect, it } from 'vitest'
import { runMicro } from '../../../bench/micro/suite.js'

it('what waits is heard between two operations, so that they can be interrupted', async () => {
  const heard: string[] = []
  let began = false
  const cases = {
    first: () => {
      if (!began) setImmediate(() => heard.push('signal'))
      began = true
    },
    second: () => {
      if (heard.at(-1) !== 'second') heard.push('second')
    },
  }
  const results = await runMicro([{ name: 'two', cases, operations: { second: 10 } }], true)
  expect(heard).toEqual(['signal', 'second'])
  expect(results.map(({ suite, name }) => `${suite}: ${name}`)).toEqual([
    'two: first',
    'two: second',
  ])
  for (const { nsPerOperation, samples } of results) {
    expect(nsPerOperation).toBeGreaterThan(0)
    expect(samples).toBeGreaterThanOrEqual(5)
  }
})

it('an operation that throws is no result', async () => {
  const broken = () => {
    throw new Error('broken')
  }
  const running = runMicro([{ name: 'one', cases: { broken } }], true)
  await expect(running).rejects.toMatchObject({
    message: 'micro suite one: broken',
    cause: new Error('broken'),
  })
})
