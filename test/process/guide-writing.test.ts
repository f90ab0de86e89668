import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../support/process-child.js'
import { connect } from '../support/process-clients.js'
import { serving, stop } from '../support/process-serve.js'
import { sampleFile, sampleOf } from '../support/sample.js'

const PAGE = 'docs/guide/writing-a-protocol.md'

const isProtocol = (code: string): boolean => code.includes('export default')
const blocks = readFileSync(path.join(root, PAGE), 'utf8').split(/^```ts$/m).length - 1
const steps = [...Array(blocks).keys()].filter((nth) => isProtocol(sampleOf(PAGE, nth)))

it('has steps', () => {
  expect(steps.length).toBeGreaterThanOrEqual(6)
})

it.each(steps)('holdfast serve runs the step in block %i', async (nth) => {
  const { child } = await serving('--protocol', sampleFile(sampleOf(PAGE, nth)))
  await stop(child)
})

it.each([
  ['a database', 'concurrency: 8', '1\n2\n', 'total 1\ntotal 3\n'],
  ['a codec of its own', 'Codec<number>', '1 2', '87'],
])('%s answers', async (_, part, sent, answer) => {
  const nth = steps.find((step) => sampleOf(PAGE, step).includes(part)) ?? -1
  const { child, port } = await serving('--protocol', sampleFile(sampleOf(PAGE, nth)))
  const client = await connect(port)
  client.socket.end(sent)
  expect((await client.ended).received).toBe(answer)
  await stop(child)
})
