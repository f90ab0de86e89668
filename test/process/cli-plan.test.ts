import { describe, expect } from 'vitest'
import { WELL } from '../support/process-child.js'
import { sideBySide, sideBySideFor } from '../support/process-scope.js'
import { holdfast, serving, stop } from '../support/process-serve.js'

const asked = ['plan', '--within', '40s', '--connections', '1000000']

async function printed(...args: string[]): Promise<string> {
  const { stdout, ...ended } = await holdfast(...args).ended
  expect(ended).toEqual(WELL)
  return stdout
}

describe('holdfast plan', () => {
  sideBySide('--json is one object, whose figures follow from the policy', async () => {
    const args = ['--path-timeout', '240s', '--price-per-gb', '0.09', '--loss', '1%', '--json']
    const text = await printed(...asked, ...args)
    expect(text.trimEnd()).not.toContain('\n')
    const { policy, probes, frameBytes, loss, heartbeat } = JSON.parse(text)
    const { idleMs, intervalMs, count, detectionMs } = policy
    expect(idleMs + intervalMs * count).toBe(detectionMs)
    expect(detectionMs).toBeLessThanOrEqual(40_000)
    expect(policy.latestMs).toBeCloseTo(detectionMs * 1.13 + 1_000, 6)
    expect(policy).toMatchObject({ preset: null, pathTimeoutMs: 240_000, warnings: [] })
    expect(policy.asked).toEqual({ withinMs: 40_000, limitedBy: null })
    expect(probes.perSecond).toBeCloseTo(1_000_000 / (idleMs / 1000), 6)
    const sentPerDay = probes.perSecond * 86_400 * frameBytes
    expect(probes.sentBytesPerDay).toBeCloseTo(sentPerDay, -3)
    expect(probes.pricePerMonth).toBeCloseTo(((sentPerDay * 30) / 1e9) * 0.09, 6)
    const chance = 1 - (1 - (1 - 0.99 ** 2) ** count) ** (86_400_000 / idleMs)
    expect(loss.perConnectionAndDay).toBeCloseTo(chance, 9)
    expect(heartbeat.periodMs + heartbeat.deadlineMs).toBe(detectionMs)
  })

  sideBySide('names a policy that serve takes, with the same bound', async () => {
    const text = await printed(...asked)
    const [, policy = ''] = /--keepalive (\S+)$/m.exec(text) ?? []
    expect(text).toMatch(/^detection .* within 40 s; at the latest 46\.2 s /m)
    const { child, listening } = await serving('--keepalive', policy)
    expect(listening.keepalive).toMatchObject({ detectionMs: 40_000, warnings: [] })
    await stop(child)
  })

  sideBySide('prices a policy that serve takes as well, in the same words', async () => {
    const args = ['--keepalive', 'mobile', '--connections', '1e6', '--path-timeout', '4min']
    const text = await printed('plan', ...args)
    expect(text).toMatch(/^policy .*: --keepalive mobile$/m)
    expect(text).toMatch(/^code {7}keepalive: 'mobile', pathTimeoutMs: 240_000$/m)
    const { policy } = JSON.parse(await printed('plan', ...args, '--json'))
    const { child, listening } = await serving('--keepalive', 'mobile', '--path-timeout', '4min')
    const { preset, idleMs, intervalMs, count, detectionMs, warnings } = policy
    expect(listening.keepalive).toMatchObject({ preset, idleMs, intervalMs, count, detectionMs })
    expect((listening.keepalive as { warnings: string[] }).warnings).toEqual(warnings)
    await stop(child)
  })

  sideBySideFor<[string, string[], string[]]>(
    [
      [
        'a bound without unit',
        ['--within', '40'],
        ['--within "40"', 'a unit (ms, s, min or h), such as 40s'],
      ],
      ['a bound and a policy', ['--keepalive', 'nat'], ['--within and --keepalive', 'not both']],
      [
        'more than any policy keeps',
        ['--within', '3s', '--loss-tolerance', '1e-6'],
        ['--within "3s"', '--loss-tolerance "1e-6"', 'at least 8000 ms'],
      ],
      ['an option of serve', ['--port', '80'], ['--port', '--within', '--connections']],
    ],
    'exits 2 in one line that says what is allowed: %s',
    async ([_name, args, words]) => {
      const { stdout, stderr, ...ended } = await holdfast(...asked, ...args).ended
      expect(ended).toEqual({ code: 2, signal: null })
      expect(stdout).toBe('')
      expect(stderr).toMatch(/^holdfast: [^\n]+\n$/)
      for (const word of words) {
        expect(stderr).toContain(word)
      }
    },
  )
})

describe('holdfast presets', () => {
  sideBySide('is a line for each, with its basis', async () => {
    const lines = (await printed('presets')).trimEnd().split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      ...['preset', 'lan-strict', 'interactive', 'cloud-lb', 'nat', 'mobile', 'off'],
    ])
    expect(lines[3]).toMatch(/^cloud-lb +60 s +10 s +6 +120 s .*default .*Azure \(240 s\)/)
  })

  sideBySide('--json has what serve reads back', async () => {
    const { presets } = JSON.parse(await printed('presets', '--json'))
    const chosen = presets.find(({ isDefault }: { isDefault: boolean }) => isDefault)
    expect(presets.filter(({ isDefault }: { isDefault: boolean }) => isDefault)).toHaveLength(1)
    const { child, listening } = await serving()
    const { preset, idleMs, intervalMs, count, detectionMs } = chosen
    const values = { preset, idleMs, intervalMs, count, detectionMs }
    expect(listening.keepalive).toMatchObject(values)
    await stop(child)
  })
})

describe('holdfast serve on a path that forgets', () => {
  sideBySide('warns of lost probes, in JSON', async () => {
    const { child, listening } = await serving('--keepalive', 'mobile', '--path-timeout', '260s')
    const { warnings } = listening.keepalive as { warnings: string[] }
    expect(warnings).toEqual([expect.stringContaining('if one probe is lost, a live connection')])
    await stop(child)
  })

  sideBySide('refuses a policy that asks too late', async () => {
    const args = ['--port', '0', '--keepalive', 'mobile', '--path-timeout', '200s']
    const { code, stdout, stderr } = await holdfast('serve', ...args).ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(
      /^holdfast: --path-timeout "200s": .*below pathTimeoutMs 200000[^\n]*\n$/,
    )
  })
})
