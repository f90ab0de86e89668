import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../support/process-child.js'
import { atTestEnd } from '../support/process-scope.js'
import { readProject } from '../tidy/project.js'

/** Each TypeScript block of the pages that is a program, by the name of its page and line. */
function programs(): Map<string, string> {
  const found = new Map<string, string>()
  for (const [file, text] of readProject()) {
    if (!/^(README\.md|(docs|examples)\/.*\.md)$/.test(file)) continue
    for (const { 1: code = '', index } of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
      const line = text.slice(0, index).split('\n').length
      if (/^import /m.test(code)) found.set(`${file.replaceAll(/\W/g, '-')}-${line}.ts`, code)
    }
  }
  return found
}

it('every program in the documentation compiles', () => {
  mkdirSync(path.join(root, 'build'), { recursive: true })
  const directory = mkdtempSync(path.join(root, 'build/docs-'))
  atTestEnd(() => rmSync(directory, { recursive: true }))
  const all = programs()
  expect(all.size).toBeGreaterThan(10)
  for (const [name, code] of all) {
    writeFileSync(path.join(directory, name), code)
  }
  const config = {
    extends: path.join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: root,
      noEmit: true,
      declaration: false,
      declarationMap: false,
      sourceMap: false,
      noUnusedLocals: false,
      paths: {
        holdfast: [path.join(root, 'lib/index.ts')],
        'holdfast/testing': [path.join(root, 'lib/testing/index.ts')],
      },
    },
    include: ['*.ts'],
  }
  writeFileSync(path.join(directory, 'tsconfig.json'), JSON.stringify(config))
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', directory], {
    encoding: 'utf8',
  })
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})
