import { createServer } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { listen } from '../../../lib/core/listen.js'
import type { ListenOptions } from '../../../lib/core/options.js'
import { lines, protocol } from '../../../lib/index.js'

test.each([
  [{ port: 70_000 }, 'ERR_HOLDFAST_OPTION_RANGE'],
  [{ handler: 1 }, 'ERR_HOLDFAST_OPTION_TYPE'],
  [{ keepalive: 'x' }, 'ERR_HOLDFAST_UNKNOWN_PRESET'],
  [{ ipv6Only: true }, 'ERR_HOLDFAST_OPTION_RANGE'],
  [{ prot: 1 }, 'ERR_HOLDFAST_UNKNOWN_OPTION'],
])('rejects %j with %s', async (options, code) => {
  const given = { port: 0, handler: {}, ...options } as unknown as ListenOptions
  await expect(listen(given)).rejects.toMatchObject({ code })
})

test('a name that does not resolve rejects with the error of dns', async () => {
  const options = { port: 0, handler: {}, host: 'no-such-host.invalid' }
  await expect(listen(options)).rejects.toMatchObject({ syscall: 'getaddrinfo' })
})

describe('on a real socket', () => {
  test('binds a free port and gives it back', async () => {
    const server = await listen({ port: 0, handler: {} })
    expect(server.address).toMatchObject({ host: '127.0.0.1', family: 4 })
    expect(server.address.port).toBeGreaterThan(0)
    await server.close()
  })

  test('resolves names', async () => {
    const server = await listen({ port: 0, handler: {}, host: 'localhost' })
    expect(['127.0.0.1', '::1']).toContain(server.address.host)
    await server.close()
  })

  test('a port in use rejects with the system’s error', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await expect(listen({ port, handler: {} })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      errno: expect.any(Number),
      syscall: expect.stringMatching(/^(bind|listen)$/),
      address: '127.0.0.1',
      port,
    })
    await new Promise((resolve) => other.close(resolve))
  })
})

describe('what a protocol asks of its server', () => {
  afterEach(() => void vi.restoreAllMocks())

  const asking = protocol({
    codec: lines(),
    message() {},
    heartbeat() {},
    options: {
      keepalive: 'nat',
      heartbeat: { intervalMs: 60_000, replyMs: 10_000 },
    },
  })
  const warnings = async (options: object): Promise<unknown[][]> => {
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await (await listen({ port: 0, handler: asking, ...options } as ListenOptions)).close()
    return emit.mock.calls
  }

  test('is warned about, once, where it was not handed on', async () => {
    expect(await warnings({})).toEqual([
      [
        'the protocol asks for keepalive, heartbeat: listen({ ...protocol.options, ... })',
        { type: 'HoldfastWarning', code: 'HOLDFAST_PROTOCOL_OPTIONS' },
      ],
    ])
  })

  test.each([
    ['handed on', asking.options],
    ['given otherwise', { keepalive: 'mobile', heartbeat: undefined }],
    ['not of a protocol', { handler: { data() {}, options: { keepalive: 'nat' } } }],
  ])('is not, where it was %s', async (_, options) => {
    expect(await warnings(options)).toEqual([])
  })
})
