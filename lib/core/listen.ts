import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { loadNative } from '../native/load.js'
import { warnOfForgottenOptions } from './asked-options.js'
import type { Server } from './contract.js'
import { optionRange } from './errors.js'
import { chooseIo, type ListenOptions, resolveListenOptions } from './options.js'
import { openReactor } from './reactor.js'
import { TcpServer } from './server.js'

/**
 * Binds a port and serves it. Options are checked before any socket exists.
 * @throws (rejects with) HoldfastTypeError or HoldfastRangeError for a bad option; the error of
 *   dns.lookup for a host name; the system's error (code, errno, syscall, address, port) when the
 *   port is in use or not permitted
 */
export async function listen<Data = unknown>(options: ListenOptions<Data>): Promise<Server<Data>> {
  // Handlers are shared by all connections, so what Data is matters to the caller alone.
  const resolved = resolveListenOptions(options as ListenOptions)
  warnOfForgottenOptions(resolved.handler, options)
  const module = loadNative()
  const io = chooseIo(resolved.io, module.ioKinds)
  const { address, family } = await resolveHost(resolved.host)
  if (resolved.ipv6Only && family === 4) {
    throw optionRange('ipv6Only', true, `false for the IPv4 address ${address}`)
  }
  const server = new TcpServer(openReactor(module, io), resolved, address, family)
  return server as Server as Server<Data>
}

async function resolveHost(host: string): Promise<{ address: string; family: 4 | 6 }> {
  const literal = isIP(host)
  if (literal !== 0) {
    return { address: host, family: literal === 6 ? 6 : 4 }
  }
  const found = await lookup(host)
  return { address: found.address, family: found.family === 6 ? 6 : 4 }
}
