import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readProject, root } from './project.js'
import {
  deadAnchors,
  deadLinks,
  linesMax,
  longFiles,
  machineBoundText,
  sourceListProblems,
  unlinkedDecisions,
} from './rules.js'

const project = readProject()

test(`no source file is longer than ${linesMax} lines`, () => {
  expect(longFiles(project)).toEqual([])
})

test('addon/sources.txt lists exactly the sources of the addon', () => {
  expect(project.get('addon/sources.txt')?.trim()).toBeTruthy()
  expect(sourceListProblems(project)).toEqual([])
})

test('no relative link in a markdown file is dead', () => {
  expect(deadLinks(project, (file) => existsSync(path.join(root, file)))).toEqual([])
})

test('no link to a place within a page is dead', () => {
  expect(deadAnchors(project)).toEqual([])
})

test('no file names a path or a package source of one machine', () => {
  expect(machineBoundText(project)).toEqual([])
})

test('the lock file holds no download address', () => {
  expect(project.get('package-lock.json') ?? '"resolved"').not.toContain('"resolved"')
})

test('every decision record is linked from its index', () => {
  expect(project.has('docs/decisions/README.md')).toBe(true)
  expect(unlinkedDecisions(project)).toEqual([])
})
