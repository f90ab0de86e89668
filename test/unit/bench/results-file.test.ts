import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compareFiles } from '../../../bench/compare/main.js'
import { UsageError } from '../../../bench/harness/arguments.js'
import { outputBase, prepareOutput } from '../../../bench/harness/output.js'
import { readResults, writeResults } from '../../../bench/harness/results-file.js'
import { environment, resultsOf, series } from '../../support/results-of.js'

const directory = mkdtempSync(join(os.tmpdir(), 'holdfast-results-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const echoed = resultsOf(series('a', 'cpuNs', [1, 2, 3]))

describe('where results go', () => {
  it('is named after date and host', () => {
    expect(outputBase(undefined, environment)).toMatch(
      /bench\/results\/2026-11-21T223105-lab-7-example$/,
    )
    expect(outputBase(directory, environment)).toBe(
      join(directory, '2026-11-21T223105-lab-7-example'),
    )
    expect(outputBase('new/', environment)).toBe('new/2026-11-21T223105-lab-7-example')
    expect(outputBase(undefined, { ...environment, host: '…' })).toMatch(/T223105-unnamed$/)
  })

  it('is what was given', () => {
    expect(outputBase(join(directory, 'run'), environment)).toBe(join(directory, 'run'))
    expect(outputBase(join(directory, 'run.json'), environment)).toBe(join(directory, 'run'))
  })
})

describe('a place for results', () => {
  it('is made, and refused when an earlier run is there', () => {
    const base = join(directory, 'deep', 'er', 'run')
    prepareOutput(base, false)
    writeFileSync(`${base}.json`, '{}')
    expect(() => prepareOutput(base, false)).toThrow(UsageError)
    expect(() => prepareOutput(base, false)).toThrow('is there already: another name, or --force')
    prepareOutput(base, true)
  })

  it.each(['/proc/nope/x', join(directory, 'file', 'x')])(
    'is refused where nothing can be: %s',
    (base) => {
      writeFileSync(join(directory, 'file'), '')
      expect(() => prepareOutput(base, false)).toThrow(UsageError)
      expect(() => prepareOutput(base, false)).toThrow(`--out ${base}: E`)
    },
  )
})

describe('a result file', () => {
  it('is read as it was written, and nothing is left beside it', () => {
    const path = join(directory, 'whole', 'a.json')
    prepareOutput(path, false)
    writeResults(path, { ...echoed, state: 'running' })
    writeResults(path, echoed)
    expect(readResults(path)).toEqual(echoed)
    expect(readdirSync(join(directory, 'whole'))).toEqual(['a.json'])
  })

  it.each([
    ['{"format": "holdfast-bench-1"', 'not JSON'],
    ['{"format": "else"}', 'format "else": expected "holdfast-bench-1"'],
    ['[]', 'format none: expected "holdfast-bench-1"'],
    ['{"format": "holdfast-bench-1"}', 'command: expected a list'],
    [JSON.stringify({ ...echoed, samples: [null] }), 'samples[0]: expected an object'],
    [JSON.stringify({ ...echoed, samples: [{}] }), 'samples[0].bench: expected a string'],
    [
      JSON.stringify({ ...echoed, samples: [{ ...echoed.samples[0], figures: { a: 'b' } }] }),
      'samples[0].figures: expected numbers by name',
    ],
    [JSON.stringify({ ...echoed, environment: {} }), 'environment.date: expected a string'],
    [JSON.stringify({ ...echoed, state: 'done' }), 'state: expected one of running'],
  ])('is not %s', (text, message) => {
    const path = join(directory, 'wrong.json')
    writeFileSync(path, text)
    expect(() => readResults(path)).toThrow(UsageError)
    expect(() => readResults(path)).toThrow(`${path}: ${message}`)
  })

  it('is not one that is not there', () => {
    expect(() => readResults(join(directory, 'none.json'))).toThrow(/none.json: cannot be read/)
  })
})

describe('comparing files', () => {
  const write = (name: string, results: typeof echoed): string => {
    const path = join(directory, `${name}.json`)
    writeResults(path, results)
    return path
  }

  it('needs a figure that is in both', () => {
    const a = write('a', echoed)
    const b = write('b', resultsOf(series('a', 'cpuNs', [1, 2, 3], 'idle')))
    expect(() => compareFiles(a, b)).toThrow(UsageError)
    expect(() => compareFiles(a, b)).toThrow('no figure in common')
  })

  it('warns of what else differs', () => {
    const other = { ...environment, kernel: 'Linux 7.1', sysctl: { 'net.ipv4.tcp_rmem': '1 2 3' } }
    const a = write('a', echoed)
    const b = write('b', { ...echoed, environment: other, state: 'interrupted', quick: true })
    expect(compareFiles(a, b).split('\n').slice(0, 4)).toEqual([
      'the runs differ: kernel: Linux 6.18.0 x64, then Linux 7.1',
      'the runs differ: net.ipv4.tcp_rmem: 4096 131072 6291456, then 1 2 3',
      'the runs differ: B is interrupted',
      'the runs differ: B is a smoke run: nothing it says of speed counts',
    ])
    expect(compareFiles(a, a)).not.toContain('the runs differ')
  })
})
