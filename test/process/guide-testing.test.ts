import { expect, it } from 'vitest'
import { runCode, sampleOf } from '../support/sample.js'

it.each([
  ['docs/guide/testing-a-protocol.md', 0, 4],
  ['docs/guide/testing-a-protocol.md', 1, 1],
  ['docs/guide/testing-a-protocol.md', 2, 1],
])('the tests in %s, block %i, pass', async (page, block, count) => {
  const { code, stdout } = await runCode(sampleOf(page, block)).ended
  expect(stdout).toMatch(new RegExp(`^(# |ℹ )pass ${count}$`, 'm'))
  expect(stdout).toMatch(/^(# |ℹ )fail 0$/m)
  expect(code).toBe(0)
})

it('the program in docs/reference/testing.md prints what it says', async () => {
  const { code, stdout } = await runCode(sampleOf('docs/reference/testing.md')).ended
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\nidle-timeout\n' })
})
