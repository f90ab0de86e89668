import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { root } from '../support/process-child.js'
import { sideBySide, sideBySideFor } from '../support/process-scope.js'
import { holdfast } from '../support/process-serve.js'

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
