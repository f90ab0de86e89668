import type { DisconnectCompletion } from '../../lib/core/completion.js'
import type { Handler, Unregister } from '../../lib/core/contract.js'
import { type ListenOptions, resolveListenOptions } from '../../lib/core/options.js'
import { Reactor } from '../../lib/core/reactor.js'
import { TcpServer } from '../../lib/core/server.js'
import type { NativeLayout } from '../../lib/native/reactor.js'
import { FakeModule } from './fake-native.js'
import type { FakeReactor } from './fake-reactor.js'

export interface FakeServer {
  server: TcpServer
  native: FakeReactor
  reactor: Reactor
  /** What onDisconnect reported, in order. */
  completions: DisconnectCompletion[]
  /** Stops writing down completions: then nobody listens for them. */
  forget: Unregister
}

/** A server on a fake reactor: the real lib/core, no sockets. */
export function fakeServer(
  handler: Handler = {},
  options: Partial<ListenOptions> = {},
  layout: Partial<NativeLayout> = {},
): FakeServer {
  const module = new FakeModule(layout)
  const reactor = new Reactor(module, 'epoll')
  const resolved = resolveListenOptions({ port: 0, handler, ...options })
  const server = new TcpServer(reactor, resolved, '127.0.0.1', 4)
  const completions: DisconnectCompletion[] = []
  const forget = server.onDisconnect((completion) => {
    completions.push(completion)
  })
  return { server, native: module.reactor, reactor, completions, forget }
}
