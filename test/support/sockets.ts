import { readdirSync, readlinkSync } from 'node:fs'
import type { Socket } from 'node:net'

/** The descriptor under a net.Socket of this process. */
export function fdOf(socket: Socket): number {
  const { _handle } = socket as unknown as { _handle: { fd: number } | null }
  if (_handle === null || _handle.fd < 0) {
    throw new Error('this socket has no descriptor')
  }
  return _handle.fd
}

/**
 * The descriptors of the sockets of this process, from proc(5). Who compares the list before and
 * after finds what was opened in between without asking holdfast. Not for concurrent tests.
 */
export function socketFds(): number[] {
  return readdirSync('/proc/self/fd')
    .filter((fd) => linkOf(fd).startsWith('socket:'))
    .map(Number)
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return '' // the descriptor of the directory listing itself is gone by now
  }
}
