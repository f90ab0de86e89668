import type { Deliver, NativeLayout } from '../native/reactor.js'
import {
  KIND_CLOSED,
  KIND_DATA,
  KIND_DRAIN,
  KIND_END,
  KIND_OPEN,
  REASON_NAMES,
} from '../native/records.js'
import { Batch } from './batch.js'
import { Intake } from './intake.js'
import { countArrived, type MemoryListener } from './listeners.js'
import { Memory } from './memory.js'
import { MemoryPeer, type PeerAddress, type PeerHome } from './peer.js'
import { closedPayloadOf } from './values.js'

export const reasonCode = (name: (typeof REASON_NAMES)[number]): number =>
  REASON_NAMES.indexOf(name)

const BY_KERNEL = 0

/**
 * What the kernel and the connections of the native half do, without sockets: who is there, what
 * reaches whom, and how each connection ends.
 */
export class MemoryKernel extends Memory implements PeerHome {
  /** The virtual clock. */
  nowMs = 0
  readonly listeners: MemoryListener[] = []
  protected readonly batch: Batch
  protected readonly peers: (MemoryPeer | null)[] = []
  readonly #maxConnections: number
  readonly #generations: number[] = []
  readonly #queued = new Uint32Array(this.queuedBytes)
  readonly #drains = new Uint8Array(this.wantsDrain)
  readonly #throttles = new Uint32Array(this.throttles)

  constructor(layout: NativeLayout, deliver: Deliver) {
    super(layout)
    this.#maxConnections = layout.maxConnections
    this.batch = new Batch(this, deliver)
  }

  /**
   * `payload`: of its open record.
   * @throws RangeError when every slot is taken
   */
  connect(
    listener = 0,
    port?: number,
    address?: PeerAddress,
    payload: Uint8Array | null = null,
  ): MemoryPeer {
    const free = this.peers.indexOf(null)
    const slot = free === -1 ? this.peers.length : free
    if (slot === this.#maxConnections) {
      throw new RangeError(`at most ${slot} connections may be open at once`)
    }
    const generation = (this.#generations[slot] ?? 0) + 1
    this.#generations[slot] = generation
    const peer = new MemoryPeer(this, [slot, generation], listener, port ?? 50_000 + slot, address)
    this.peers[slot] = peer
    const intake = this.listeners[listener]?.options.intake
    peer.intake = intake === undefined ? null : Intake.of(intake, this.nowMs)
    this.#throttles[slot] = 0
    this.#queued[slot] = 0
    this.#drains[slot] = 0
    const arrived = countArrived(this.listeners[listener], 1)
    this.push([KIND_OPEN, slot, generation, listener, arrived, 0, payload?.length ?? 0], payload)
    return peer
  }

  push(words: number[], payload: Uint8Array | null = null): void {
    this.batch.push(words, payload)
  }

  peerSent(peer: MemoryPeer, bytes: Buffer): void {
    if (peer.silentSinceMs !== null || peer.closed) {
      return
    }
    peer.unread.push(bytes)
    this.#read(peer)
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

  protected find(slot: number, generation: number): MemoryPeer | null {
    const peer = this.peers[slot] ?? null
    return peer !== null && peer.generation === generation && !peer.closed ? peer : null
  }

  protected resume(peer: MemoryPeer): void {
    if (peer.paused) {
      peer.paused = false
      this.goOn(peer)
    }
  }

  /** What the peer sent meanwhile is still to be read, so its silence counts from now. */
  protected goOn(peer: MemoryPeer): void {
    if (!peer.isRead) {
      return
    }
    peer.activity.readMs = peer.activity.beatMs = this.nowMs
    this.#read(peer)
    this.reportEnd(peer)
  }

  /** Above a limit it is not read for a while. */
  protected throttle(peer: MemoryPeer): void {
    if (peer.releaseAtMs === null && !peer.closed) {
      peer.releaseAtMs = this.nowMs + (peer.intake?.waitMs(this.nowMs) ?? 0)
      this.#throttles[peer.slot] = (this.#throttles[peer.slot] as number) + 1
    }
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

  /** One record for each receive, of as much as the options and the limits of intake allow. */
  #read(peer: MemoryPeer): void {
    const { intake, slot, generation, unread } = peer
    const most = this.listeners[peer.listener]?.options.readChunkBytes ?? Number.POSITIVE_INFINITY
    for (
      let head = unread[0];
      head !== undefined && peer.isRead && !peer.closed;
      head = unread[0]
    ) {
      const bytes = Math.min(head.length, most, intake?.allowedBytes(this.nowMs) ?? most)
      const chunk = head.subarray(0, bytes)
      if (bytes === head.length) {
        unread.shift()
      } else {
        unread[0] = head.subarray(bytes)
      }
      peer.bytesSent += bytes
      peer.activity.readMs = this.nowMs
      peer.activity.beatUnanswered = false
      this.push([KIND_DATA, slot, generation, 0, bytes], chunk)
      if (intake?.received(bytes, this.nowMs) === false) {
        this.close(peer, reasonCode('rate-limit'))
      } else if (intake?.isExhausted(this.nowMs) === true) {
        this.throttle(peer)
      }
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
}
