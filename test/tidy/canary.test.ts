import { describe, expect, test } from 'vitest'
import { fileCircles, floorViolations, libPlan, nativePlan } from './floors.js'
import { importsOf, includesOf } from './imports.js'
import type { Project } from './project.js'
import * as rules from './rules.js'

// Each rule meets a project that breaks it: a rule that cannot fail holds nothing.

const projectOf = (files: Record<string, string>): Project => new Map(Object.entries(files))
const nowhere = () => false

describe('floor plan', () => {
  const lib = (files: Record<string, string>) => {
    const project = projectOf(files)
    return floorViolations(libPlan, project.keys(), importsOf(project, 'lib/'))
  }
  const native = (files: Record<string, string>) => {
    const project = projectOf(files)
    return floorViolations(nativePlan, project.keys(), includesOf(project, 'addon/src/'))
  }

  test.each([
    ['import', "import { serve } from '../cli/main.js'"],
    ['import type', "import type { Serve } from '../cli/main.js'"],
    ['import over several lines', "import {\n  serve,\n  stop,\n} from '../cli/main.js'"],
    ['export from', "export * from '../cli/main.js'"],
    ['side effect', "import '../cli/main.js'"],
    ['dynamic import', "const load = () => import('../cli/main.js')"],
  ])('finds an upward %s', (_, text) => {
    expect(lib({ 'lib/core/a.ts': text, 'lib/cli/main.ts': '' })).toEqual([
      'lib/core/a.ts reaches up to lib/cli/main.ts',
    ])
  })

  test('lets imports go down, to neighbours, and stay in comments', () => {
    const files = {
      'lib/index.ts': "export * from './core/a.js'\nexport * from './protocols/p.js'",
      'lib/core/a.ts': "import '../native/n.js'\n// import '../cli/main.js'",
      'lib/native/n.ts': "/* import '../cli/main.js' */",
      'lib/protocols/p.ts': "import '../codecs/c.js'",
      'lib/codecs/c.ts': '',
      'lib/cli/main.ts': "import { listen } from '../index.js'",
    }
    expect(lib(files)).toEqual([])
  })

  test('finds neighbours that use each other', () => {
    const files = {
      'addon/src/io/a.h': '#include "queues/q.h"',
      'addon/src/queues/q.h': '',
      'addon/src/queues/r.h': '#include "io/b.h"',
      'addon/src/io/b.h': '',
    }
    expect(native(files)).toEqual(['directories in a circle: io -> queues -> io'])
  })

  test('finds an upward include, a missing one, and a file on no floor', () => {
    const files = {
      'addon/src/base/a.h': '#include "net/b.h"\n#include "gone.h"',
      'addon/src/net/b.h': '',
      'addon/src/attic/c.h': '',
    }
    expect(native(files)).toEqual([
      'addon/src/attic/c.h is on no floor',
      'addon/src/base/a.h reaches up to addon/src/net/b.h',
      'addon/src/base/a.h uses gone.h, which is not there',
    ])
  })

  test('finds an import out of lib/', () => {
    const project = projectOf({ 'lib/core/a.ts': "import '../../test/t.js'", 'test/t.ts': '' })
    const edges = importsOf(project, 'lib/')
    expect(floorViolations(libPlan, ['lib/core/a.ts'], edges)).toContain(
      'lib/core/a.ts reaches out of the house: test/t.ts',
    )
  })

  test('finds files in a circle', () => {
    const project = projectOf({
      'lib/core/a.ts': "import './b.js'",
      'lib/core/b.ts': "import type { A } from './a.js'",
    })
    expect(fileCircles(importsOf(project, 'lib/'))).toEqual([
      'lib/core/a.ts -> lib/core/b.ts -> lib/core/a.ts',
    ])
  })
})

describe('rules', () => {
  test('find a long file, and not one of the allowed length', () => {
    const lines = (count: number) => 'x\n'.repeat(count)
    const files = { 'lib/a.ts': lines(rules.linesMax + 1), 'lib/b.ts': lines(rules.linesMax) }
    expect(rules.longFiles(projectOf(files))).toHaveLength(1)
  })

  test('find sources that are unlisted, gone or listed twice', () => {
    const files = {
      'addon/sources.txt': 'a.cc\na.cc\nb.cc\n',
      'addon/src/a.cc': '',
      'addon/src/c.cc': '',
    }
    expect(rules.sourceListProblems(projectOf(files))).toEqual([
      'c.cc is not listed',
      'b.cc is not there',
      'a.cc is twice',
    ])
  })

  test('find a dead file and a foreign package', () => {
    const project = projectOf({
      'lib/index.ts': "import './core/a.js'\nimport { Command } from 'commander'",
      'lib/core/a.ts': '',
      'lib/core/dead.ts': '',
    })
    const edges = importsOf(project, 'lib/')
    expect(rules.deadFiles(project, edges)).toEqual(['lib/core/dead.ts'])
    expect(rules.foreignPackages(edges)).toEqual(['lib/index.ts imports commander'])
  })

  test('find dead links of every kind, and leave code and addresses alone', () => {
    const text =
      '[a](b.md) ![i](c.png "t") [x](../d.md#e) [u](https://x.y) `[q](r.md)`\n\n[z]: z.md\n'
    const dead = rules.deadLinks(projectOf({ 'docs/a.md': text, 'docs/b.md': '' }), nowhere)
    expect(dead.map((line) => line.split(' ').at(-1))).toEqual(['c.png', '../d.md', 'z.md'])
  })

  test('find dead anchors, in this page and in others', () => {
    const text =
      '# One `two()`, three\n## x\n## x\n<a id="y"></a>\n```sh\n# code\n```\n' +
      '[a](#one-two-three) [b](#x-1) [c](#y) [d](b.md#there) [e](c.ts#L1) [f](https://x.y#z)\n' +
      '[g](#x-2) [h](b.md#nowhere) [i](#code) [j](#One-two-three)\n'
    const dead = rules.deadAnchors(projectOf({ 'docs/a.md': text, 'docs/b.md': '# There\n' }))
    expect(dead.map((line) => line.split(' ').at(-1))).toEqual([
      ...['#x-2', 'b.md#nowhere', '#code', '#One-two-three'],
    ])
  })

  test('find an unlinked decision record', () => {
    const files = { 'docs/decisions/README.md': '[1](0001-a.md)', 'docs/decisions/0001-a.md': '' }
    const withSecond = { ...files, 'docs/decisions/0002-b.md': '' }
    expect(rules.unlinkedDecisions(projectOf(files))).toEqual([])
    expect(rules.unlinkedDecisions(projectOf(withSecond))).toEqual(['docs/decisions/0002-b.md'])
  })

  test.each([
    ['', 'home', 'me', 'x'].join('/'),
    ['see file://', 'work', 'main'].join('/'),
    ['registry', 'example', 'org'].join('.'),
    ['deb', 'debian', 'org'].join('.'),
  ])('find %s', (text) => {
    expect(rules.machineBoundText(projectOf({ 'a.md': `first\n${text}` }))).toHaveLength(1)
  })
})
