import { describe, expect, test } from 'vitest'
import { type ListenOptions, resolveListenOptions } from '../../../lib/core/options.js'

const resolve = (given: object) =>
  resolveListenOptions({ port: 0, handler: { heartbeat() {} }, ...given } as ListenOptions)

// Only undefined means the default: what reads null from a file has not asked for it.
describe('null is refused as', () => {
  const LIMITS = [
    ...['connections', 'connectionsPerAddress', 'v4Bits', 'v6Bits', 'acceptsPerSecond'],
    ...['acceptBurst', 'acceptsPerSecondPerAddress', 'acceptBurstPerAddress', 'rules', 'others'],
    ...['whenFull', 'whenRefused', 'refusalMessage', 'queuedBytes', 'readBytesPerSecond'],
    ...['readBurstBytes', 'whenFast', 'pingsPerMinute', 'pingBurst', 'whenPinging'],
  ]
  const DEADLINES = [
    ...['idleMs', 'readIdleMs', 'writeIdleMs', 'handshakeMs', 'lifetimeMs', 'lifetimeJitterMs'],
    ...['endMs', 'backlogMs'],
  ]
  const cases: [name: string, given: object][] = [
    ...['limits', 'deadlines', 'heartbeat'].map((name): [string, object] => [
      name,
      { [name]: null },
    ]),
    ...LIMITS.map((name): [string, object] => [`limits.${name}`, { limits: { [name]: null } }]),
    ...DEADLINES.map((name): [string, object] => [
      `deadlines.${name}`,
      { deadlines: { [name]: null } },
    ]),
    ['heartbeat.intervalMs', { heartbeat: { intervalMs: null, replyMs: 100 } }],
    ['heartbeat.replyMs', { heartbeat: { intervalMs: 100, replyMs: null } }],
    ['limits.rules[0]', { limits: { rules: [null] } }],
    ['limits.rules[0].cidr', { limits: { rules: [{ cidr: null }] } }],
    ['limits.rules[0].action', { limits: { rules: [{ cidr: '::1', action: null }] } }],
    ['limits.rules[0].connections', { limits: { rules: [{ cidr: '::1', connections: null }] } }],
  ]

  test.each(cases)('%s', (name, given) => {
    expect(() => resolve(given)).toThrow(
      expect.objectContaining({
        code: 'ERR_HOLDFAST_OPTION_TYPE',
        message: expect.stringMatching(/^[^;]+ must be [^;]+; got null$/),
      }),
    )
    expect(() => resolve(given)).toThrow(`${name} must be `)
  })
})
