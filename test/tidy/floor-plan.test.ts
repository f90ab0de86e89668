import { describe, expect, test } from 'vitest'
import { drawPlan, fileCircles, floorViolations, libPlan, nativePlan } from './floors.js'
import { importsOf, includesOf } from './imports.js'
import { readProject } from './project.js'
import { deadFiles, foreignPackages } from './rules.js'

const project = readProject()
const includes = includesOf(project, nativePlan.below)
const imports = importsOf(project, libPlan.below)

const filesBelow = (directory: string, ending: RegExp) =>
  [...project.keys()].filter((file) => file.startsWith(directory) && ending.test(file))

describe('floor plan', () => {
  test('C++ includes reach downward only', () => {
    const files = filesBelow(nativePlan.below, /\.(cc|c|h|mm)$/)
    expect(includes.length).toBeGreaterThan(0)
    expect(floorViolations(nativePlan, files, includes)).toEqual([])
  })

  test('C++ files include each other in no circle', () => {
    expect(fileCircles(includes)).toEqual([])
  })

  test('TypeScript imports reach downward only', () => {
    const files = filesBelow(libPlan.below, /\.ts$/)
    expect(imports.length).toBeGreaterThan(0)
    expect(floorViolations(libPlan, files, imports)).toEqual([])
  })

  test('TypeScript files import each other in no circle', () => {
    expect(fileCircles(imports)).toEqual([])
  })

  test('lib/ uses Node alone, and commander in the command line', () => {
    expect(foreignPackages(imports)).toEqual([])
  })

  test('every file of lib/ is reached from the entry or the command line', () => {
    expect(deadFiles(project, imports)).toEqual([])
  })

  test('docs/ARCHITECTURE.md draws the plan that is held here', () => {
    const text = (project.get('docs/ARCHITECTURE.md') ?? '').replaceAll('→', '->')
    expect(text).toContain(drawPlan(nativePlan))
    expect(text).toContain(drawPlan(libPlan))
  })
})
