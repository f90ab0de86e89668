import { readdirSync, readlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import { testkit } from './testkit.js'

/** The descriptor under a net.Socket of this process. */
export function fdOf(socket: Socket): number {
  const { _handle } = socket as unknown as { _handle: { fd: number } | null }
  if (_handle === null || _handle.fd < 0) {
    throw new Error('this socket has no descriptor')
  }
  return _handle.fd
}

/** The descriptors of the sockets of this process, from proc(5). */
export function socketFds(): number[] {
  return readdirSync('/proc/self/fd')
    .filter((fd) => linkOf(fd).startsWith('socket:'))
    .map(Number)
}

/**
 * The descriptor of the server's end of a connection, found by its ports: a witness that asks nothing
 * of holdfast.
 */
export function acceptedFd(serverPort: number, clientPort: number): number {
  const wanted = `${serverPort} -> ${clientPort}`
  const found = socketFds().find((fd) => portsOf(fd) === wanted)
  if (found === undefined) {
    throw new Error(`this process has no socket ${wanted}`)
  }
  return found
}

function portsOf(fd: number): string {
  try {
    return testkit.ports(fd).join(' -> ')
  } catch {
    return '' // closed meanwhile by another thread
  }
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return '' // the descriptor of the directory listing itself is gone by now
  }
}
