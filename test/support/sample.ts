import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { Child, root } from './process-child.js'
import { atTestEnd } from './process-scope.js'

/** What takes the place of what in a sample. */
export type Change = readonly [from: string, to: string]

/** Runs the first TypeScript block of a page in a process of its own, on a free port. */
export function runSample(page: string, changes: readonly Change[] = [], more = ''): Child {
  const text = readFileSync(path.join(root, page), 'utf8')
  let code = /^```ts\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? ''
  for (const [from, to] of [['port: 7007', 'port: 0'] as const, ...changes]) {
    expect(code).toContain(from)
    code = code.replace(from, to)
  }
  // Within the package, so that it finds holdfast by its name.
  mkdirSync(path.join(root, 'build'), { recursive: true })
  const directory = mkdtempSync(path.join(root, 'build/sample-'))
  atTestEnd(() => rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'sample.ts')
  writeFileSync(file, code + more)
  return new Child(['--import', 'tsx', file])
}
