import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addPlan } from '../../../lib/cli/plan-command.js'
import { UsageError } from '../../../lib/cli/usage.js'

let printed = ''

beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

function plan(...args: string[]): void {
  printed = ''
  const program = new Command('holdfast').exitOverride().configureOutput({ writeErr: () => {} })
  addPlan(program)
  program.parse(['plan', '--within', '40s', '--connections', '1000', ...args], { from: 'user' })
}

function planned(...args: string[]) {
  plan('--json', ...args)
  return JSON.parse(printed)
}

describe('holdfast plan', () => {
  test('takes each option to its place', () => {
    expect(planned()).toMatchObject({
      policy: { detectionMs: 40_000, pathTimeoutMs: null },
      connections: 1_000,
      ipVersion: 4,
      loss: { rate: 0.01 },
      probes: { pricePerMonth: null },
    })
    const args = ['--path-timeout', '30s', '--loss', '2%', '--loss-tolerance', '0.1%']
    const more = ['--outage', '5s', '--ip-version', '6', '--price-per-gb', '0']
    const { policy, loss, ...rest } = planned(...args, ...more)
    expect(policy.detectionMs * 1.05).toBeLessThanOrEqual(30_000)
    expect(policy.pathTimeoutMs).toBe(30_000)
    expect(loss.rate).toBe(0.02)
    expect(loss.perConnectionAndDay).toBeLessThanOrEqual(0.001)
    expect(loss.outageMs).toBeGreaterThanOrEqual(5_000)
    expect(rest).toMatchObject({ ipVersion: 6, frameBytes: 86, probes: { pricePerMonth: 0 } })
  })

  test('asks more often the more it has to stand', () => {
    const rates = [
      ['--loss', '0', '--outage', '0s'],
      [],
      ['--loss', '5%', '--loss-tolerance', '1e-6'],
      ['--path-timeout', '20s'],
    ].map((args) => planned(...args).probes.perSecond)
    expect(rates).toEqual([...rates].sort((a, b) => a - b))
    expect(new Set(rates).size).toBe(rates.length)
  })

  test('is text without --json', () => {
    plan()
    expect(printed).toMatch(/^policy {5}idle 25 s [^\n]+\ndetection {2}/)
    expect(printed.endsWith('\n')).toBe(true)
  })

  test.each([
    [['--within', '1s'], '--within "1s": must be a duration of at least 2000 ms'],
    [['--connections', '0'], '--connections "0": must be an integer from 1 to 1000000000'],
    [['--connections', '1e6'], '--connections "1e6": must be an integer'],
    [['--path-timeout', '500ms'], '--path-timeout "500ms": must be a duration of at least 2100 ms'],
    [['--loss', '100%'], '--loss "100%": must be a share from 0 to below 100%'],
    [['--loss', '-1%'], '--loss "-1%": must be a share'],
    [['--loss-tolerance', '0'], '--loss-tolerance "0": must be a share above 0, at most 100%'],
    [['--loss-tolerance', '2'], '--loss-tolerance "2": must be a share'],
    [['--outage', 'ever'], '--outage "ever": must be a duration, such as'],
    [['--outage', '50d'], '--outage "50d"'],
    [['--ip-version', '5'], '--ip-version "5": must be one of 4, 6'],
    [['--price-per-gb', 'nine'], '--price-per-gb "nine": must be a number from 0'],
    [
      ['--path-timeout', '5s', '--outage', '9s'],
      '--within "40s" --path-timeout "5s" --loss "1%" --outage "9s": pathTimeoutMs must be at least 11550 ms for outageMs 9000; got 5000',
    ],
    [['--outage', '2000h'], '--within "40s" --loss "1%" --outage "2000h": outageMs must be'],
  ])('%j is refused in one line that says what is allowed', (args, message) => {
    const run = () => plan(...args)
    expect(run).toThrow(UsageError)
    expect(run).toThrow(message)
    expect(printed).toBe('')
  })
})
