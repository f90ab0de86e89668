import { expect, it } from 'vitest'
import { connectClient } from '../support/client.js'
import { atTestEnd } from '../support/process-scope.js'
import { runSample } from '../support/sample.js'

it("the README's example echoes, cleans up, and says why a connection ended", async () => {
  const child = runSample('README.md')
  const ready = await child.line()
  expect(ready).toMatch(/^listening on 127\.0\.0\.1:\d+$/)
  const client = await connectClient(Number(ready.split(':').at(-1)))
  atTestEnd(() => client.destroy())
  client.write('hello')
  expect((await client.read(5)).toString()).toBe('hello')
  client.end()
  expect((await client.rest()).length).toBe(0)
  const ended = await child.line()
  expect(ended).toMatch(/^127\.0\.0\.1:\d+: peer-end \(peer\) *$/)
  const port = ended.split(':')[1]
  expect(await child.line()).toBe(`cleaned up after ${port}`)
})
