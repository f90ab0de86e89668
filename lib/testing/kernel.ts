import { constants } from 'node:os'
import type { Deliver, NativeKeepalive, NativeLayout } from '../native/reactor.js'
import {
  KIND_BEAT,
  KIND_CLOSED,
  KIND_DATA,
  KIND_DRAIN,
  KIND_END,
  KIND_ENDING,
  KIND_OPEN,
  REASON_NAMES,
} from '../native/records.js'
import { Batch } from './batch.js'
import { type Due, type DueKind, earlier, nextDeadline, nextSilence } from './deadlines.js'
import { countArrived, type MemoryListener } from './listeners.js'
import { Memory } from './memory.js'
import { MemoryPeer, type PeerAddress, type PeerHome } from './peer.js'
import { closedPayloadOf } from './values.js'

export const reasonCode = (name: (typeof REASON_NAMES)[number]): number =>
  REASON_NAMES.indexOf(name)

const BY_KERNEL = 0
const BY_LIVENESS_CLOCK = 1

const ENDS_FOR = {
  idle: 'idle-timeout',
  handshake: 'handshake-timeout',
  'beat-reply': 'heartbeat-timeout',
  backlog: 'slow-consumer',
} as const

/**
 * What the kernel and the connections of the native half do, without sockets and on a clock that
 * stands still: who is there, what reaches whom, and how each connection ends.
 */
export class MemoryKernel extends Memory implements PeerHome {
  /** The virtual clock. */
  nowMs = 0
  readonly listeners: MemoryListener[] = []
  readonly keepalives = new Map<MemoryPeer, NativeKeepalive | null>()
  protected readonly batch: Batch
  protected readonly peers: (MemoryPeer | null)[] = []
  readonly #maxConnections: number
  readonly #generations: number[] = []
  readonly #queued = new Uint32Array(this.queuedBytes)
  readonly #drains = new Uint8Array(this.wantsDrain)

  constructor(layout: NativeLayout, deliver: Deliver) {
    super(layout)
    this.#maxConnections = layout.maxConnections
    this.batch = new Batch(this, deliver)
  }

  /** @throws RangeError when every slot is taken */
  connect(listener = 0, port?: number, address?: PeerAddress): MemoryPeer {
    const free = this.peers.indexOf(null)
    const slot = free === -1 ? this.peers.length : free
    if (slot === this.#maxConnections) {
      throw new RangeError(`at most ${slot} connections may be open at once`)
    }
    const generation = (this.#generations[slot] ?? 0) + 1
    this.#generations[slot] = generation
    const peer = new MemoryPeer(this, [slot, generation], listener, port ?? 50_000 + slot, address)
    this.peers[slot] = peer
    this.#queued[slot] = 0
    this.#drains[slot] = 0
    this.push([KIND_OPEN, slot, generation, listener, countArrived(this.listeners[listener], 1)])
    return peer
  }

  push(words: number[], payload: Uint8Array | null = null): void {
    this.batch.push(words, payload)
  }

  peerSent(peer: MemoryPeer, bytes: Buffer): void {
    if (peer.silentSinceMs !== null || peer.closed) {
      return
    }
    if (peer.paused) {
      peer.unread.push(bytes)
    } else {
      this.#receive(peer, bytes)
    }
  }

  peerEnded(peer: MemoryPeer): void {
    if (peer.silentSinceMs === null) {
      peer.finSent = true
      this.reportEnd(peer)
    }
  }

  peerFailed(peer: MemoryPeer, reason: string, errno: number, decidedBy: number): void {
    this.close(peer, REASON_NAMES.indexOf(reason as never), { errno, decidedBy })
  }

  peerTook(peer: MemoryPeer): void {
    this.pump(peer)
  }

  /** The next moment at which a rule has something to say; null: no rule is in force. */
  get nextDueMs(): number | null {
    return (
      this.peers.reduce<Due | null>((next, peer) => earlier(next, this.#dueOf(peer)), null)?.atMs ??
      null
    )
  }

  /** Carries out what is due by now. */
  judge(): void {
    for (const peer of this.peers) {
      let due = this.#dueOf(peer)
      while (peer !== null && due !== null && due.atMs <= this.nowMs) {
        this.#carryOut(peer, due.kind)
        due = this.#dueOf(peer)
      }
    }
  }

  protected find(slot: number, generation: number): MemoryPeer | null {
    const peer = this.peers[slot] ?? null
    return peer !== null && peer.generation === generation && !peer.closed ? peer : null
  }

  protected keepaliveOf(peer: MemoryPeer): NativeKeepalive | null {
    const own = this.keepalives.get(peer)
    return own === undefined ? (this.listeners[peer.listener]?.options.keepalive ?? null) : own
  }

  protected resume(peer: MemoryPeer): void {
    peer.paused = false
    peer.activity.readMs = peer.activity.beatMs = this.nowMs
    for (const bytes of peer.unread.splice(0)) {
      this.#receive(peer, bytes)
    }
    this.reportEnd(peer)
  }

  protected write(peer: MemoryPeer | null, bytes: Buffer): void {
    if (peer !== null && peer.endReason === 0) {
      peer.queue.push(bytes)
      this.pump(peer)
    }
  }

  /** The kernel takes what it has room for; then the watermark, the FIN and the close follow. */
  protected pump(peer: MemoryPeer): void {
    const { activity, slot } = peer
    for (let head = peer.queue[0]; head !== undefined && peer.room > 0; head = peer.queue[0]) {
      const taken = head.subarray(0, Math.min(head.length, peer.room))
      peer.bytesReceived += taken.length
      peer.room -= taken.length
      activity.sentMs = this.nowMs
      if (taken.length === head.length) {
        peer.queue.shift()
      } else {
        peer.queue[0] = head.subarray(taken.length)
      }
      this.#took(slot, taken.length)
      this.#reach(peer, taken)
    }
    activity.backlogMs = peer.queue.length === 0 ? null : (activity.backlogMs ?? this.nowMs)
    const low = this.listeners[peer.listener]?.options.lowWatermark ?? 0
    if (this.#drains[slot] === 1 && (this.#queued[slot] as number) <= low) {
      this.#drains[slot] = 0
      this.push([KIND_DRAIN, slot, peer.generation])
    }
    if (peer.endReason !== 0 && peer.queue.length === 0) {
      this.#sendFin(peer)
    }
  }

  protected reportEnd(peer: MemoryPeer): void {
    if (!peer.finSent || peer.finReported || peer.closed || peer.unread.length > 0) {
      return
    }
    peer.finReported = true
    this.push([KIND_END, peer.slot, peer.generation])
    this.pump(peer)
  }

  protected close(
    peer: MemoryPeer,
    reason: number,
    { errno = 0, decidedBy = BY_KERNEL, reset = false } = {},
  ): void {
    if (peer.closed) {
      return
    }
    peer.closed = true
    peer.resetReceived = reset
    const payload = closedPayloadOf(peer, this.nowMs)
    const { slot, generation } = peer
    const words = [KIND_CLOSED, slot, generation, reason, errno, 0, payload.length, decidedBy]
    this.push(words, payload)
    if (peer.silentSinceMs === null) {
      // close(2) of a socket that has not been read to its end resets it (RFC 2525, 2.17).
      peer.observer?.ended(reset || peer.unread.length > 0)
    }
  }

  #receive(peer: MemoryPeer, bytes: Buffer): void {
    peer.bytesSent += bytes.length
    peer.activity.readMs = this.nowMs
    peer.activity.beatUnanswered = false
    const most = this.listeners[peer.listener]?.options.readChunkBytes ?? bytes.length
    for (let at = 0; at < bytes.length; at += most) {
      const chunk = bytes.subarray(at, at + most)
      this.push([KIND_DATA, peer.slot, peer.generation, 0, chunk.length], chunk)
    }
  }

  #took(slot: number, bytes: number): void {
    const queued = this.#queued[slot] as number
    if (queued < bytes) {
      throw new Error('queuedBytes is wrong')
    }
    this.#queued[slot] = queued - bytes
  }

  #reach(peer: MemoryPeer, bytes: Buffer): void {
    if (peer.silentSinceMs !== null) {
      peer.unacknowledged = true
      return
    }
    peer.received.push(bytes)
    peer.observer?.received(bytes)
  }

  #sendFin(peer: MemoryPeer): void {
    if (!peer.finReceived) {
      peer.finReceived = true
      if (peer.silentSinceMs !== null) {
        peer.unacknowledged = true
      } else if (!peer.finReported) {
        peer.observer?.ended(false)
      }
    }
    if (peer.finReported) {
      this.close(peer, peer.endReason)
    }
  }

  #dueOf(peer: MemoryPeer | null): Due | null {
    const options = this.listeners[peer?.listener ?? 0]?.options
    if (peer === null || peer.closed || options === undefined) {
      return null
    }
    return earlier(
      nextDeadline(options.deadlines, peer.activity, peer.paused),
      nextSilence(this.keepaliveOf(peer), peer.silentSinceMs),
    )
  }

  #carryOut(peer: MemoryPeer, kind: DueKind): void {
    const { slot, generation, activity } = peer
    switch (kind) {
      case 'lifetime':
        activity.endMs = this.nowMs
        this.push([KIND_ENDING, slot, generation, reasonCode('lifetime')])
        break
      case 'beat':
        activity.beatUnanswered = true
        activity.beatMs = this.nowMs
        this.push([KIND_BEAT, slot, generation])
        break
      case 'end':
        this.close(peer, peer.endReason || reasonCode('lifetime'))
        break
      case 'silence':
        this.#giveUp(peer)
        break
      default:
        this.close(peer, reasonCode(ENDS_FOR[kind]), { reset: kind === 'backlog' })
    }
  }

  #giveUp(peer: MemoryPeer): void {
    const reason = peer.isOwedAnswer ? 'send-timeout' : 'keepalive-timeout'
    const decidedBy = peer.isOwedAnswer ? BY_LIVENESS_CLOCK : BY_KERNEL
    this.close(peer, reasonCode(reason), { errno: -constants.errno.ETIMEDOUT, decidedBy })
  }
}
