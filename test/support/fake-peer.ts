/** The far side of one connection of the fake reactor: what a client would send and see. */
export interface FakeKernel {
  peerSent(peer: FakePeer, bytes: Uint8Array): void
  peerEnded(peer: FakePeer): void
  peerFailed(peer: FakePeer, reason: string, errno: number, decidedBy: number): void
  peerTook(peer: FakePeer): void
}

export class FakePeer {
  readonly slot: number
  readonly generation: number
  readonly address: string
  readonly port: number
  /** What the kernel takes from the server before it is full. */
  room = Number.POSITIVE_INFINITY
  /** Taken by the kernel, in order. */
  readonly received: Buffer[] = []
  /** Handed over by the server and not taken. */
  queue: Buffer[] = []
  /** Sent by the peer while the server was paused. */
  unread: Buffer[] = []
  bytesSent = 0
  bytesReceived = 0
  paused = false
  referenced = true
  /** The peer has sent FIN. */
  finSent = false
  finReported = false
  /** The server has sent FIN, or RST. */
  finReceived = false
  resetReceived = false
  endReason = 0
  closed = false
  readonly #kernel: FakeKernel

  constructor(kernel: FakeKernel, slot: number, generation: number, port: number) {
    this.#kernel = kernel
    this.slot = slot
    this.generation = generation
    this.address = '192.0.2.7'
    this.port = port
  }

  get text(): string {
    return Buffer.concat(this.received).toString('latin1')
  }

  send(data: string | Uint8Array): void {
    this.#kernel.peerSent(this, Buffer.from(data as string))
  }

  end(): void {
    this.#kernel.peerEnded(this)
  }

  /** The socket dies, as the kernel or the liveness clock reports it. */
  fail(reason: string, errno = 0, decidedBy: 'kernel' | 'liveness-clock' = 'kernel'): void {
    this.#kernel.peerFailed(this, reason, errno, decidedBy === 'kernel' ? 0 : 1)
  }

  /** The peer reads: the kernel takes that many more bytes. */
  take(bytes: number): void {
    this.room += bytes
    this.#kernel.peerTook(this)
  }
}
