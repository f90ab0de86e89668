import { expect, test } from 'vitest'
import { resolveListenOptions } from '../../../lib/core/options.js'
import { openReactor } from '../../../lib/core/reactor.js'
import { TcpServer } from '../../../lib/core/server.js'
import type { ServerState } from '../../../lib/core/server-state.js'
import { FakeModule } from '../../support/fake-native.js'
import { fakeServer } from '../../support/fake-server.js'

test('there is one reactor per io kind', () => {
  const module = new FakeModule()
  const reactor = openReactor(module, 'epoll')
  expect(openReactor(module, 'epoll')).toBe(reactor)
  expect(openReactor(module, 'uv')).not.toBe(reactor)
  expect(module.created).toBe(2)
})

test('servers on one reactor keep their own connections, also after one has closed', async () => {
  const { reactor, native, server: first } = fakeServer()
  const options = resolveListenOptions({ port: 0, handler: {} })
  const second = new TcpServer(reactor, options, '127.0.0.1', 4)
  native.connect(0)
  native.connect(1)
  native.connect(1)
  await native.settle()
  const open = (server: TcpServer) => [...server.connections].length
  expect([open(first), open(second)]).toEqual([1, 2])
  const closing = first.close({ deadlineMs: 0 })
  for (const connection of first.connections) connection.destroy()
  await native.settle()
  await closing
  native.connect(1)
  await native.settle()
  expect([open(first), open(second)]).toEqual([0, 3])
})

test('arrivals for a server that is gone are ended, and refusals go nowhere', async () => {
  const { native, server } = fakeServer()
  await server.close()
  const peer = native.connect(0)
  native.refuse(0, 'emfile', 1)
  await native.settle()
  expect(peer.closed).toBe(true)
  expect(server.counters).toMatchObject({ accepted: 0, refused: { emfile: 0 } })
})

test('a listener number that serves another by now is not taken away from it', async () => {
  const { reactor, native, server } = fakeServer()
  reactor.detach(0, {} as ServerState)
  native.connect(0)
  await native.settle()
  expect([...server.connections]).toHaveLength(1)
})
