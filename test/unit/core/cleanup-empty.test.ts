import { performance } from 'node:perf_hooks'
import { describe, expect, test, vi } from 'vitest'
import type { Connection, Handler } from '../../../lib/core/contract.js'
import { fakeServer } from '../../support/fake-server.js'

describe('a connection with nothing to run', () => {
  test('is finished at once, without a look at the clock', async () => {
    const now = vi.spyOn(performance, 'now')
    const connections: Connection[] = []
    const { native, completions } = fakeServer({ open: (c) => connections.push(c) })
    const peer = native.connect()
    await native.turn()
    const connection = connections[0] as Connection
    const { closed } = connection
    now.mockClear()
    peer.fail('peer-reset', 104)
    native.deliver()
    expect(now).not.toHaveBeenCalled()
    now.mockRestore()
    expect(completions).toMatchObject([{ hooks: { run: 0, failures: [], late: 0, durationMs: 0 } }])
    expect(await closed).toBe(completions[0])
    const hook = vi.fn()
    connection.onCleanup(hook)
    expect(hook).toHaveBeenCalledOnce()
  })

  test.each<[string, Handler]>([
    ['a getter', Object.defineProperty({}, 'close', { get: () => () => {} })],
    [
      'a prototype',
      new (class {
        close() {}
      })(),
    ],
  ])('is not one whose handler.close comes from %s', async (_, handler) => {
    const inherited = Object.create(handler) as Handler
    const now = vi.spyOn(performance, 'now')
    const { native, completions } = fakeServer(inherited)
    const peer = native.connect()
    await native.turn()
    now.mockClear()
    peer.fail('peer-reset', 104)
    native.deliver()
    expect(now).toHaveBeenCalledTimes(2)
    now.mockRestore()
    expect(completions).toHaveLength(1)
  })
})
