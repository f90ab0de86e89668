import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { connectClient } from '../support/client.js'
import { Child, root } from '../support/process-child.js'
import { atTestEnd } from '../support/process-scope.js'

/** The first TypeScript block of the README, on a free port. */
function readmeExample(): string {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
  const code = /^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? ''
  expect(code).toContain('port: 7007')
  return code.replace('port: 7007', 'port: 0')
}

it("the README's example echoes, cleans up, and says why a connection ended", async () => {
  // Within the package, so that it finds holdfast by its name.
  mkdirSync(path.join(root, 'build'), { recursive: true })
  const directory = mkdtempSync(path.join(root, 'build/readme-'))
  atTestEnd(() => rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'example.ts')
  writeFileSync(file, readmeExample())
  const child = new Child(['--import', 'tsx', file])
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
