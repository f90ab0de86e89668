import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Socket options by descriptor: the addon of addon/testkit, built next to holdfast's own. */
export interface Testkit {
  attachDropAllFilter(fd: number): void
  detachFilter(fd: number): void
  /** Bytes sent or queued and not acknowledged by the peer; a FIN counts as one. */
  outstanding(fd: number): number
  /** 0 where there is none. */
  ports(fd: number): [local: number, remote: number]
  setOption(fd: number, level: number, name: number, value: number): void
  getOption(fd: number, level: number, name: number): number
}

const require = createRequire(import.meta.url)
const built = fileURLToPath(new URL('../../build/Release/testkit.node', import.meta.url))

export const testkit = require(resolve(process.env.HOLDFAST_TESTKIT ?? built)) as Testkit

// socket(7), tcp(7), as Linux numbers them.
export const SOL_SOCKET = 1
export const SO_RCVBUF = 8
export const SO_KEEPALIVE = 9
export const SO_REUSEPORT = 15
export const IPPROTO_TCP = 6
export const TCP_NODELAY = 1
export const TCP_KEEPIDLE = 4
export const TCP_KEEPINTVL = 5
export const TCP_KEEPCNT = 6
export const TCP_USER_TIMEOUT = 18
export const TCP_RTO_MAX_MS = 44
