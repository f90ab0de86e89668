import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import * as codecs from '../../../lib/codecs/index.js'
import { driveEverySplit, encoded } from '../../support/codec.js'

const page = readFileSync(new URL('../../../docs/reference/codecs.md', import.meta.url), 'utf8')

/** Each diagram of the page: the codec, and what it says of it. */
const diagrams = [...page.matchAll(/^```text\n(.*)\n([\s\S]*?)^```$/gm)].map(
  ([, expression = '', rows = '']) => [expression, rows] as const,
)

function codecOf(expression: string): codecs.Codec<unknown, unknown> {
  const names = Object.keys(codecs)
  return new Function(...names, `return ${expression}`)(...Object.values(codecs))
}

/** The bytes of the cells between bars: hexadecimal, or text in quotes. */
function bytesOf(cells: string): Buffer {
  const inner = cells.slice(cells.indexOf('|') + 1, cells.lastIndexOf('|'))
  return Buffer.concat(
    inner.split(/ \| /).map((cell) => {
      const text = cell.trim()
      return text.startsWith('"') ? Buffer.from(JSON.parse(text)) : hexOf(text)
    }),
  )
}

function hexOf(text: string): Buffer {
  expect(text).toMatch(/^[0-9A-F]{2}( [0-9A-F]{2})*$/)
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

function check(codec: codecs.Codec<unknown, unknown>, rows: string): number {
  let frame: Buffer = Buffer.alloc(0)
  let message: unknown = null
  let checked = 0
  for (const row of rows.split('\n').filter((line) => line !== '')) {
    const [, name = '', rest = ''] = /^(\w+) +(.*)$/.exec(row) ?? []
    if (name === 'frame') {
      frame = bytesOf(rest)
    } else if (name === 'message' || name === 'value') {
      message = name === 'value' ? JSON.parse(rest) : bytesOf(rest)
      const wanted = name === 'value' ? message : (message as Buffer).toString('latin1')
      expect(driveEverySplit(codec, frame)).toEqual({ messages: [wanted], wrong: null })
    } else if (name === 'sent') {
      expect(encoded(codec, message)).toEqual(bytesOf(rest))
    } else {
      expect(name).toBe('refused')
      const [, at, limit = null] = /byte (\d+)(?:, limit (\d+))?$/.exec(rest) ?? []
      const { wrong } = driveEverySplit(codec, bytesOf(rest))
      expect(wrong).toEqual({ offset: Number(at), limit: limit === null ? null : Number(limit) })
    }
    checked++
  }
  return checked
}

/** What is sent is the frame itself, where the diagram does not say otherwise. */
function checkSent(codec: codecs.Codec<unknown, unknown>, rows: string): void {
  const pairs = rows.matchAll(/^frame +(.*)\n(message|value) +(.*)\n(?!sent)/gm)
  for (const [, frame = '', name, rest = ''] of pairs) {
    const message = name === 'value' ? JSON.parse(rest) : bytesOf(rest)
    expect(encoded(codec, message)).toEqual(bytesOf(frame))
  }
}

test.each(diagrams)('the reference shows what %s does', (expression, rows) => {
  const codec = codecOf(expression)
  expect(check(codec, rows)).toBeGreaterThan(0)
  checkSent(codec, rows)
})

test('the reference shows every codec and every option', () => {
  const shown = diagrams.map(([expression]) => expression).join('\n')
  for (const name of Object.keys(codecs).filter((key) => /^[a-z]/.test(key))) {
    expect(shown).toContain(`${name}(`)
  }
  const options = [...page.matchAll(/^\| `(\w+)` \| (?:string|number|boolean)/gm)].map(
    ([, name]) => name,
  )
  expect(options.length).toBeGreaterThan(20)
  for (const option of options) {
    expect(shown).toContain(`${option}: `)
  }
})

test('the codec of your own that the reference shows is one', async () => {
  const [code = ''] = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map(([, block]) => block)
    .slice(-1)
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  mkdirSync(path.join(root, 'build'), { recursive: true })
  const directory = mkdtempSync(path.join(root, 'build/sample-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'temperature.ts')
  expect(code).toContain("from 'holdfast'")
  writeFileSync(file, code.replace("'holdfast'", "'../../lib/index.js'"))
  const { temperature } = (await import(file)) as { temperature: codecs.Codec<number> }
  const stream = encoded(temperature, 21.5, -40, 0)
  expect(driveEverySplit(temperature, stream)).toEqual({ messages: [21.5, -40, 0], wrong: null })
  expect(driveEverySplit(temperature, 'T\0\xd7F').wrong).toEqual({ offset: 3, limit: null })
})
