import { runInThisContext } from 'node:vm'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addPlan } from '../../../lib/cli/plan-command.js'
import { UsageError } from '../../../lib/cli/usage.js'
import { planKeepalive } from '../../../lib/core/keepalive-plan.js'
import { KeepalivePolicy } from '../../../lib/core/keepalive-policy.js'
import { resolveListenOptions } from '../../../lib/core/options.js'

let printed = ''

beforeEach(() => {
  printed = ''
  // A command runs once in a process, and may leave its listener for errors there.
  vi.spyOn(process.stdout, 'on').mockReturnThis()
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

function plan(...args: string[]): void {
  run('--within', '40s', '--connections', '1000', ...args)
}

function run(...args: string[]): void {
  printed = ''
  const program = new Command('holdfast').exitOverride().configureOutput({ writeErr: () => {} })
  addPlan(program)
  program.parse(['plan', ...args], { from: 'user' })
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
    expect(policy.detectionMs * 1.13).toBeLessThanOrEqual(30_000)
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
    expect(printed).toMatch(/^policy {5}idle 25 s [^\n]+\ncode {7}[^\n]+\ndetection {2}/)
    expect(printed.endsWith('\n')).toBe(true)
  })

  test.each([
    [['--within', '1s'], '--within "1s": must be a duration of at least 2000 ms'],
    [['--connections', '0'], '--connections "0": must be an integer from 1 to 1000000000'],
    [['--connections', '1.5'], '--connections "1.5": must be an integer'],
    [['--keepalive', 'nat'], '--within and --keepalive: give one'],
    [['--path-timeout', '500ms'], '--path-timeout "500ms": must be a duration of at least 2260 ms'],
    [['--loss', '100%'], '--loss "100%": must be a share from 0 to below 100%'],
    [['--loss', '-1%'], '--loss "-1%": must be a share'],
    [['--loss-tolerance', '0'], '--loss-tolerance "0": must be a share above 0, at most 100%'],
    [['--loss-tolerance', '2'], '--loss-tolerance "2": must be a share'],
    [['--outage', 'ever'], '--outage "ever": must be a duration: a number and a unit'],
    [['--outage', '50d'], '--outage "50d"'],
    [['--ip-version', '5'], '--ip-version "5": must be one of 4, 6'],
    [['--price-per-gb', 'nine'], '--price-per-gb "nine": must be a number from 0'],
    [['--price-per-gb', '1e305'], '--price-per-gb "1e305": must be a number from 0 to 1000000000'],
    [
      ['--path-timeout', '5s', '--outage', '9s'],
      '--within "40s" --path-timeout "5s" --loss "1%" --outage "9s": pathTimeoutMs must be at least 12430 ms for outageMs 9000; got 5000',
    ],
    [['--outage', '2000h'], '--within "40s" --loss "1%" --outage "2000h": outageMs must be'],
  ])('%j is refused in one line that says what is allowed', (args, message) => {
    const refused = () => plan(...args)
    expect(refused).toThrow(UsageError)
    expect(refused).toThrow(message)
    expect(printed).toBe('')
  })
})

describe('holdfast plan --keepalive', () => {
  test('prices a preset', () => {
    run('--keepalive', 'mobile', '--connections', '1,000,000', '--loss', '2%', '--json')
    expect(JSON.parse(printed)).toEqual(
      planKeepalive('mobile', { connections: 1_000_000, loss: 0.02 }),
    )
  })

  test('prices values of its own, on their path', () => {
    run('--keepalive', '20000/5000/4', '--connections', '1', '--path-timeout', '21s', '--json')
    const own = KeepalivePolicy.from({ idleMs: 20_000, intervalMs: 5_000, count: 4 })
    const onPath = own.withPathTimeout(21_000)
    expect(onPath.warnings).toHaveLength(1)
    expect(JSON.parse(printed)).toEqual(planKeepalive(onPath, { connections: 1 }))
  })

  test.each([
    [['--keepalive', 'off'], '--keepalive "off": must be a policy that is on'],
    [['--keepalive', 'x'], '--keepalive "x": must be one of lan-strict, interactive'],
    [['--keepalive', '1/1/1'], '--keepalive "1/1/1": keepalive.idleMs must be'],
    [['--keepalive', 'nat', '--path-timeout', '9s'], '--path-timeout "9s": keepalive.idleMs must'],
    [['--keepalive', 'nat', '--outage', '5s'], '--outage "5s": with --within only'],
    [['--keepalive', 'nat', '--loss-tolerance', '1%'], '--loss-tolerance "1%": with --within only'],
    [[], '--within or --keepalive is missing: a bound such as 40s, or a policy such as mobile'],
  ])('%j is refused in one line that says what is allowed', (args, message) => {
    const refused = () => run('--connections', '1000', ...args)
    expect(refused).toThrow(UsageError)
    expect(refused).toThrow(message)
    expect(printed).toBe('')
  })

  test('needs the number of connections, as a bound does', () => {
    for (const args of [
      ['--keepalive', 'nat'],
      ['--within', '40s'],
    ]) {
      expect(() => run(...args)).toThrow('--connections is missing: an integer from 1')
    }
  })
})

describe('the line of code', () => {
  /** The policy of a server with these options. */
  function policyOf(code: string): KeepalivePolicy {
    const options = runInThisContext(`(KeepalivePolicy) => ({ ${code} })`)(KeepalivePolicy)
    return resolveListenOptions({ port: 0, handler: {}, ...options }).keepalive
  }

  test.each([
    [
      ['--within', '5min', '--path-timeout', '4min'],
      /within\(300_000, { pathTimeoutMs: 240_000 }\)$/,
    ],
    [['--within', '40s'], /^keepalive: KeepalivePolicy\.within\(40_000\)$/],
    [['--within', '1min', '--loss', '2%', '--loss-tolerance', '1e-7', '--outage', '5s'], /1e-7/],
    [['--keepalive', 'mobile'], /^keepalive: 'mobile'$/],
    [['--keepalive', 'mobile', '--path-timeout', '4min'], /^keepalive: 'mobile', pathTimeoutMs: 2/],
    [
      ['--keepalive', '20000/5000/4'],
      /^keepalive: { idleMs: 20_000, intervalMs: 5_000, count: 4 }$/,
    ],
  ])('%j: a server that is given it has the policy of the plan', (args, pattern) => {
    run('--connections', '1', ...args)
    const [, code = ''] = /^code {7}(.+)$/m.exec(printed) ?? []
    expect(code).toMatch(pattern)
    run('--connections', '1', ...args, '--json')
    const { idleMs, intervalMs, count, pathTimeoutMs, warnings } = JSON.parse(printed).policy
    const values = { idleMs, intervalMs, count, pathTimeoutMs, warnings }
    expect(policyOf(code)).toMatchObject(values)
  })
})
