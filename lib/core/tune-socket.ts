import { Socket } from 'node:net'
import { loadNative } from '../native/load.js'
import { type EffectiveKeepalive, effectiveKeepalive } from './effective-keepalive.js'
import { optionType, socketUnusable } from './errors.js'
import { type KeepaliveInput, KeepalivePolicy } from './keepalive-policy.js'

/**
 * Applies a keepalive policy to a connected socket of node:net, node:http, node:tls or node:https,
 * and returns it as read back from the kernel. For servers that are not holdfast's: one call for each
 * connection, in its `connection` or `secureConnection` event.
 *
 * holdfast does not see the traffic of such a socket, so no liveness clock watches it: `unsupported`
 * names `livenessClock`, and `userTimeoutMs: 'auto'` sets TCP_USER_TIMEOUT (tcp(7), RFC 5482) just
 * under the detection time (not above 2147483647 ms: then it sets none). That bounds unacknowledged data, and it also ends a live peer that keeps
 * its window closed for as long; `userTimeoutMs: 'off'` does neither.
 *
 * @throws HoldfastTypeError, HoldfastRangeError for a bad policy, or what is no net.Socket; nothing
 *   is set then
 * @throws HoldfastError ERR_HOLDFAST_SOCKET for a socket that is destroyed, not connected yet, no TCP
 *   socket, or without a descriptor (Windows)
 * @throws the system's error when the kernel refuses a value: code, errno, syscall; values before it
 *   may have been set by then
 */
export function tuneSocket(socket: Socket, policy: KeepaliveInput): EffectiveKeepalive {
  if (!(socket instanceof Socket)) {
    throw optionType('tuneSocket: socket', socket, 'a net.Socket or tls.TLSSocket')
  }
  const checked = KeepalivePolicy.from(policy)
  const fd = descriptorOf(socket)
  const effective = loadNative().tuneSocket(fd, checked.toNative({ livenessClock: false }))
  if (effective === undefined) {
    throw socketUnusable('tuneSocket', 'this is no connected TCP socket')
  }
  const { unsupported } = effective
  return effectiveKeepalive(checked, {
    ...effective,
    unsupported: unsupported.includes('livenessClock')
      ? unsupported
      : [...unsupported, 'livenessClock'],
  })
}

// Node has no public way to the descriptor of a socket, and socket.setKeepAlive() sets the idle time
// alone: interval and count are fixed at 1 s and 10 where Node sets them at all. `_handle.fd` has been
// there since 0.x, for TLS too, where it is that of the socket below. On Windows it is -1.
function descriptorOf(socket: Socket): number {
  if (socket.destroyed) {
    throw socketUnusable('tuneSocket', 'the socket is destroyed')
  }
  if (socket.connecting || socket.pending) {
    throw socketUnusable('tuneSocket', "the socket is not connected yet; wait for its 'connect'")
  }
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: unknown } | null }
  const fd = handle?.fd
  if (typeof fd !== 'number' || fd < 0) {
    throw socketUnusable('tuneSocket', 'this system or stream gives no descriptor of the socket')
  }
  return fd
}
