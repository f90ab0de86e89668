import { describe, expect, it, vi } from 'vitest'
import { readArguments, UsageError } from '../../../bench/harness/arguments.js'
import { choose, type Part, roundsOf } from '../../../bench/harness/parts.js'

const known = {
  benches: ['echo', 'idle', 'million'],
  servers: ['raw-epoll', 'node-net'],
  durations: ['echo 3 x 60 s'],
}
const read = (...argv: string[]) => readArguments(argv, known)

describe('the command line', () => {
  it('runs the standard suite without arguments', () => {
    expect(read()).toEqual({
      ...{ kind: 'run', names: [], quick: false },
      ...{ rounds: undefined, servers: undefined, out: undefined, force: false },
    })
  })

  it('takes names and options in any order', () => {
    expect(
      read('--quick', 'echo', '--rounds', '7', 'idle', '--servers', 'raw-epoll,node-net'),
    ).toMatchObject({
      ...{ kind: 'run', names: ['echo', 'idle'], quick: true },
      ...{ rounds: 7, servers: ['raw-epoll', 'node-net'] },
    })
    expect(read('all', '--out', 'place/')).toMatchObject({ names: ['all'], out: 'place/' })
  })

  it('compares two files', () => {
    expect(read('compare', 'a.json', 'b.json')).toEqual({
      ...{ kind: 'compare', before: 'a.json', after: 'b.json' },
    })
  })

  it('makes a report of files', () => {
    expect(read('report', 'a.json')).toMatchObject({ kind: 'report', files: ['a.json'] })
    expect(read('report', 'a.json', 'b.json', '--out', 'c')).toMatchObject({
      ...{ files: ['a.json', 'b.json'], out: 'c' },
    })
  })

  it.each([
    [['ecko'], 'unknown bench "ecko" (did you mean echo?): expected echo, idle, million, all'],
    [['--servers', 'raw-epoll,apache'], 'unknown server "apache": expected raw-epoll, node-net'],
    [['--rounds', '0'], '--rounds 0: expected a whole number, 1..1000'],
    [['--rounds', '2.5'], '--rounds 2.5: expected a whole number, 1..1000'],
    [['--rounds', 'many'], '--rounds many: expected a whole number, 1..1000'],
    [['--rounds'], "option '--rounds <n>' argument missing"],
    [['--json', 'x'], "unknown option '--json'"],
    [['compare', 'a.json'], "missing required argument 'after'"],
    [['compare', 'a.json', 'b.json', 'c.json'], 'too many arguments'],
    [['report'], "missing required argument 'files'"],
    [['report', 'a.json', 'b.json'], 'report: expected --out BASE for more than one file'],
  ])('refuses %j', (argv, message) => {
    expect(() => read(...argv)).toThrow(UsageError)
    expect(() => read(...argv)).toThrow(message)
  })

  it('prints help', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    try {
      expect(read('--help')).toEqual({ kind: 'help' })
      const help = write.mock.calls.join('')
      for (const text of [
        'compare <before> <after>',
        '--rounds <n>',
        'echo 3 x 60 s',
        'Exit status: 0',
        '--force',
      ]) {
        expect(help).toContain(text)
      }
    } finally {
      write.mockRestore()
    }
  })
})

describe('what runs', () => {
  const part = (name: string, runs: Part['runs']): Part => ({
    bench: { name, title: name, measureMicro: async () => [] },
    ...{ rounds: 3, secondsPerRound: 10, runs },
  })
  const suite = [part('echo', 'standard'), part('idle', 'all'), part('million', 'named')]
  const chosen = (names: string[], quick = false): string[] =>
    choose(suite, names, quick).map(({ bench }) => bench.name)

  it('is the standard suite, or what is named, in the order of the suite', () => {
    expect(chosen([])).toEqual(['echo'])
    expect(chosen(['million', 'echo'])).toEqual(['echo', 'million'])
  })

  it('is all but what must be named', () => {
    expect(chosen(['all'])).toEqual(['echo', 'idle'])
    expect(chosen(['all', 'million'])).toEqual(['echo', 'idle', 'million'])
  })

  it('is everything in a smoke run', () => {
    expect(chosen([], true)).toEqual(['echo', 'idle', 'million'])
    expect(chosen(['idle'], true)).toEqual(['idle'])
  })

  it('has its own number of rounds unless one is given', () => {
    const [echo = part('', 'all')] = suite
    expect(roundsOf(echo, undefined, false)).toBe(3)
    expect(roundsOf(echo, undefined, true)).toBe(1)
    expect(roundsOf(echo, 9, true)).toBe(9)
  })
})
