import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { Child, root } from './process-child.js'
import { atTestEnd } from './process-scope.js'

/** What takes the place of what in a sample. */
export type Change = readonly [from: string, to: string]

/** The nth TypeScript block of a page, from 0. */
export function sampleOf(page: string, nth = 0): string {
  const text = readFileSync(path.join(root, page), 'utf8')
  const code = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)][nth]?.[1]
  if (code === undefined) throw new Error(`${page} has no TypeScript block ${nth}`)
  return code
}

/** Runs the first TypeScript block of a page in a process of its own, on a free port. */
export function runSample(page: string, changes: readonly Change[] = [], more = ''): Child {
  let code = sampleOf(page)
  for (const [from, to] of [['port: 7007', 'port: 0'] as const, ...changes]) {
    expect(code).toContain(from)
    code = code.replace(from, to)
  }
  return runCode(code + more)
}

export function runCode(code: string): Child {
  return new Child(['--import', 'tsx', sampleFile(code)])
}

/** A file of this code, until the test ends. */
export function sampleFile(code: string): string {
  // Within the package, so that it finds holdfast by its name.
  mkdirSync(path.join(root, 'build'), { recursive: true })
  const directory = mkdtempSync(path.join(root, 'build/sample-'))
  atTestEnd(() => rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'sample.ts')
  writeFileSync(file, code)
  return file
}
