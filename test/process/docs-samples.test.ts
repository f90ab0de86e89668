import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { connectClient } from '../support/client.js'
import { root } from '../support/process-child.js'
import { atTestEnd, sideBySide, sideBySideFor } from '../support/process-scope.js'
import { holdfast } from '../support/process-serve.js'
import { runSample } from '../support/sample.js'

/** Each `$ holdfast …` in a code block of a page, and the lines that follow it there. */
function samples(page: string): [command: string, output: string][] {
  const text = readFileSync(path.join(root, page), 'utf8')
  return [...text.matchAll(/^\$ holdfast ((?:plan|presets)\b.*)\n((?:(?!```|\$ ).*\n)*)/gm)].map(
    ([, command = '', output = '']) => [command, output],
  )
}

const all = ['docs/guide/keepalive.md', 'docs/reference/cli.md'].flatMap(samples)

sideBySide('the guide and the reference have samples of plan and presets', async () => {
  expect(all.length).toBeGreaterThanOrEqual(5)
})

sideBySideFor(all, 'what the documentation shows is what is printed: holdfast %s', async (row) => {
  const [command, output] = row
  const { stdout, stderr } = await holdfast(...command.split(' ')).ended
  expect(stdout + stderr).toBe(output)
})

sideBySide(
  'the server of the reference of codecs greets, and refuses what is no name',
  async () => {
    const child = runSample('docs/reference/codecs.md', [], '\nconsole.log(server.address.port)\n')
    const client = await connectClient(Number(await child.line()))
    atTestEnd(() => client.destroy())
    client.write('"bob"\n')
    const answer = '"hello, bob"\n'
    expect((await client.read(answer.length)).toString()).toBe(answer)
    client.write('5\n')
    expect(await child.line()).toMatch(/^protocol-error ProtocolError.*: a string is wanted/)
  },
)
