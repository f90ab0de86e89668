import type { Activity } from './deadlines.js'
import { activityAt } from './deadlines.js'
import type { Intake } from './intake.js'

/** What a peer asks of the reactor in memory. */
export interface PeerHome {
  readonly nowMs: number
  peerSent(peer: MemoryPeer, bytes: Buffer): void
  peerEnded(peer: MemoryPeer): void
  peerFailed(peer: MemoryPeer, reason: string, errno: number, decidedBy: number): void
  peerTook(peer: MemoryPeer): void
}

export interface PeerAddress {
  readonly text: string
  /** 4 or 16. */
  readonly bytes: Uint8Array
}

/** What the far side is told as it happens. */
export interface PeerObserver {
  received(bytes: Buffer): void
  /** The server's FIN, or RST. */
  ended(reset: boolean): void
}

const ADDRESS: PeerAddress = { text: '192.0.2.7', bytes: Uint8Array.of(192, 0, 2, 7) }

/** The far side of one connection of the reactor in memory, and what the kernel holds of it. */
export class MemoryPeer {
  readonly slot: number
  readonly generation: number
  readonly listener: number
  readonly address: PeerAddress
  readonly port: number
  readonly activity: Activity
  observer: PeerObserver | null = null
  /** What the kernel takes from the server before it is full. */
  room = Number.POSITIVE_INFINITY
  /** Taken by the kernel and acknowledged, in order. */
  readonly received: Buffer[] = []
  /** Handed over by the server and not taken. */
  queue: Buffer[] = []
  /** Sent by the peer and not read. */
  unread: Buffer[] = []
  bytesSent = 0
  bytesReceived = 0
  paused = false
  /** null: there is no limit of what it may send. */
  intake: Intake | null = null
  /** When it is read again after a limit was reached; null: it is not throttled. */
  releaseAtMs: number | null = null
  referenced = true
  /** The peer has sent FIN. */
  finSent = false
  finReported = false
  /** The server has sent FIN, or RST. */
  finReceived = false
  resetReceived = false
  endReason = 0
  closed = false
  /** When it was last heard of; null: it answers, and so is heard whenever it is asked. */
  silentSinceMs: number | null = null
  /** Something was sent that it has not acknowledged. */
  unacknowledged = false
  readonly #home: PeerHome

  constructor(
    home: PeerHome,
    [slot, generation]: readonly [number, number],
    listener: number,
    port: number,
    address: PeerAddress = ADDRESS,
  ) {
    this.#home = home
    this.slot = slot
    this.generation = generation
    this.listener = listener
    this.address = address
    this.port = port
    this.activity = activityAt(home.nowMs)
  }

  get text(): string {
    return Buffer.concat(this.received).toString('latin1')
  }

  get queuedBytes(): number {
    return sum(this.queue)
  }

  get isRead(): boolean {
    return !this.paused && this.releaseAtMs === null
  }

  get unreadBytes(): number {
    return sum(this.unread)
  }

  /** Whether the server still waits for an acknowledgement. */
  get isOwedAnswer(): boolean {
    return this.unacknowledged || this.queue.length > 0
  }

  send(data: string | Uint8Array): void {
    this.#home.peerSent(this, Buffer.from(data as string))
  }

  end(): void {
    this.#home.peerEnded(this)
  }

  /** The socket dies, as the kernel or the liveness clock reports it. */
  fail(reason: string, errno = 0, decidedBy: 'kernel' | 'liveness-clock' = 'kernel'): void {
    this.#home.peerFailed(this, reason, errno, decidedBy === 'kernel' ? 0 : 1)
  }

  /** The peer reads: the kernel takes that many more bytes. */
  take(bytes: number): void {
    this.room += bytes
    this.#home.peerTook(this)
  }

  /** Nothing of it is heard from now on, and nothing reaches it. */
  vanish(): void {
    this.silentSinceMs ??= this.#home.nowMs
  }
}

function sum(pieces: readonly Buffer[]): number {
  return pieces.reduce((bytes, piece) => bytes + piece.length, 0)
}
