import type {
  Deliver,
  NativeEffectiveKeepalive,
  NativeKeepalive,
  NativeLayout,
  NativeListening,
  NativeListenOptions,
  NativePeer,
  NativeReactor,
} from '../../lib/native/reactor.js'
import {
  BROADCAST_TAKEN,
  DESTROY_BY_RESET,
  DESTROY_KEEPING_REASON,
  KIND_CLOSED,
  KIND_DATA,
  KIND_DRAIN,
  KIND_DRAINED,
  KIND_END,
  KIND_OPEN,
  OP_DESTROY,
  OP_END,
  OP_PAUSE,
  OP_RESUME,
  OP_WRITE,
  REASON_NAMES,
  RECORD_WORDS,
} from '../../lib/native/records.js'
import { addListener, countArrived, type FakeListener, refusedRecord } from './fake-listeners.js'
import { FakeMemory } from './fake-memory.js'
import { type FakeKernel, FakePeer } from './fake-peer.js'
import { asReadBack, closedPayloadOf, evidenceOf, rowsOf } from './fake-values.js'

/**
 * The native half in TypeScript: the same queues, ids, watermarks and order of events, without
 * sockets. Tests drive the far side through FakePeer and the turns through turn().
 */
export class FakeReactor extends FakeMemory implements NativeReactor, FakeKernel {
  readonly listeners: FakeListener[] = []
  readonly keepalives = new Map<FakePeer, NativeKeepalive | null>()
  /** Thrown by the next listen(). */
  listenError: Error | null = null
  readonly inspectAll = () => rowsOf(this.#peers)
  flushes = 0
  sends = 0
  broadcasts = 0
  /** Submission records seen, as [op, slot, ...]. */
  readonly submitted: number[][] = []
  /** First free byte of the slab of the next batch; a rest of an earlier batch may lie below. */
  slabStart = 0
  readonly #deliver: Deliver
  readonly #peers: (FakePeer | null)[] = []
  readonly #generations: number[] = []
  readonly #retired: FakePeer[] = []
  #pending: { words: number[]; payload: Uint8Array | null }[] = []

  constructor(layout: NativeLayout, deliver: Deliver) {
    super(layout)
    this.#deliver = deliver
  }

  /** Delivers what is pending, lets microtasks run, then runs the submissions. */
  async turn(): Promise<void> {
    this.deliver()
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.flush()
  }

  /** Turns until nothing is pending. */
  async settle(): Promise<void> {
    do await this.turn()
    while (this.#pending.length > 0)
  }

  /** One batch, without the flush that follows it. */
  deliver(): void {
    const batch = this.#pending
    this.#pending = []
    const retiring = this.#retired.splice(0)
    const records = new Int32Array(this.completions)
    const slab = new Uint8Array(this.receiveSlab)
    const start = this.slabStart
    let used = start
    batch.forEach(({ words, payload }, index) => {
      records.set([...words, 0, 0, 0, 0, 0, 0, 0].slice(0, RECORD_WORDS), index * RECORD_WORDS)
      if (payload === null) return
      slab.set(payload, used)
      records[index * RECORD_WORDS + (words[0] === KIND_DATA ? 3 : 5)] = used
      used = Math.min(slab.length, (used + payload.length + 7) & ~7)
    })
    if (batch.length > 0) this.#deliver(batch.length, used)
    slab.fill(0xdd, start, used)
    for (const peer of retiring) this.#peers[peer.slot] = null
  }

  connect(listener = 0): FakePeer {
    const free = this.#peers.indexOf(null)
    const slot = free === -1 ? this.#peers.length : free
    const generation = (this.#generations[slot] ?? 0) + 1
    this.#generations[slot] = generation
    const peer = new FakePeer(this, slot, generation, 50_000 + slot)
    this.#peers[slot] = peer
    new Uint32Array(this.queuedBytes)[slot] = 0
    new Uint8Array(this.wantsDrain)[slot] = 0
    this.push([KIND_OPEN, slot, generation, listener, countArrived(this.listeners[listener], 1)])
    return peer
  }

  readonly refuse = (listener: number, cause: string, count: number) =>
    this.push(refusedRecord(this.listeners[listener], listener, cause, count))

  push(words: number[], payload: Uint8Array | null = null): void {
    this.#pending.push({ words, payload })
  }

  peerSent(peer: FakePeer, bytes: Buffer): void {
    if (peer.paused) {
      peer.unread.push(bytes)
      return
    }
    peer.bytesSent += bytes.length
    this.push([KIND_DATA, peer.slot, peer.generation, 0, bytes.length], bytes)
  }

  peerEnded(peer: FakePeer): void {
    peer.finSent = true
    this.#reportEnd(peer)
  }

  peerFailed(peer: FakePeer, reason: string, errno: number, decidedBy: number): void {
    this.#close(peer, REASON_NAMES.indexOf(reason as never), errno, decidedBy)
  }

  readonly peerTook = (peer: FakePeer) => this.#pump(peer)

  flush(): void {
    this.flushes++
    const control = new Uint32Array(this.control)
    const records = new Int32Array(this.submissions)
    const count = control[0] as number
    for (let base = 0; base < count * RECORD_WORDS; base += RECORD_WORDS) {
      this.#run([...records.subarray(base, base + RECORD_WORDS)])
    }
    new Uint8Array(this.submitSlab).fill(0xdd, 0, control[1])
    control.fill(0)
  }

  send(slot: number, generation: number, bytes: Uint8Array): void {
    this.sends++
    this.flush()
    this.#write(this.#find(slot, generation), Buffer.from(bytes))
  }

  broadcast(_listener: number, ids: Uint32Array, count: number, bytes: Uint8Array): void {
    this.broadcasts++
    for (let i = 0; i < 2 * count; i += 2) {
      this.send(ids[i] as number, ids[i + 1] as number, bytes)
      ids[i + 1] = BROADCAST_TAKEN
    }
  }

  listen(options: NativeListenOptions): NativeListening {
    if (this.listenError !== null) throw this.listenError
    return addListener(this.listeners, options)
  }

  drainListener(listener: number, graceMs: number): void {
    Object.assign(this.listeners[listener] ?? {}, { open: false, graceMs })
    this.push([KIND_DRAINED, listener, countArrived(this.listeners[listener])])
    setImmediate(() => this.deliver())
  }

  readonly suspendListener = () => {}
  readonly listenerQueueMemory = () => 0
  setListenerRef(listener: number, referenced: boolean): void {
    Object.assign(this.listeners[listener] ?? {}, { referenced })
  }

  listenerKeepalive(listener: number): NativeEffectiveKeepalive {
    return asReadBack(this.listeners[listener]?.options.keepalive ?? null)
  }

  setConnectionRef(slot: number, generation: number, referenced: boolean): boolean {
    const peer = this.#find(slot, generation)
    Object.assign(peer ?? {}, { referenced })
    return peer !== null
  }

  setKeepalive(slot: number, generation: number, keepalive: NativeKeepalive | null) {
    const peer = this.#find(slot, generation)
    if (peer === null) return undefined
    this.keepalives.set(peer, keepalive)
    return { ...asReadBack(keepalive), source: 'per-socket' as const }
  }

  getKeepalive(slot: number, generation: number): NativeEffectiveKeepalive | undefined {
    const peer = this.#find(slot, generation)
    if (peer === null) return undefined
    return asReadBack(this.keepalives.get(peer) ?? this.listeners[0]?.options.keepalive ?? null)
  }

  readInfo(slot: number, generation: number): boolean {
    const peer = this.#find(slot, generation)
    if (peer === null) return false
    new Float64Array(this.scratch).set(evidenceOf(peer))
    return true
  }

  peer(slot: number, generation: number): NativePeer | undefined {
    const peer = this.#find(slot, generation)
    return peer === null ? undefined : { address: peer.address, port: peer.port, family: 4 }
  }

  readonly setNoDelay = () => true
  readonly local = (): NativePeer => ({ address: '192.0.2.1', port: 7007, family: 4 })

  #run([op, slot, generation, a, b]: number[]): void {
    this.submitted.push([op, slot, generation, a, b] as number[])
    const peer = this.#find(slot as number, generation as number)
    if (peer === null) return
    if (op === OP_WRITE) {
      this.#write(peer, Buffer.from(new Uint8Array(this.submitSlab).slice(a, (a ?? 0) + (b ?? 0))))
    } else if (op === OP_END) {
      // To answer a FIN is not to end a connection: the peer did.
      const answers = peer.finReported && a === REASON_NAMES.indexOf('local-end')
      peer.endReason ||= answers ? REASON_NAMES.indexOf('peer-end') : (a as number)
      this.#pump(peer)
    } else if (op === OP_DESTROY) {
      peer.resetReceived = b === DESTROY_BY_RESET
      const kept = b === DESTROY_KEEPING_REASON ? peer.endReason : 0
      this.#close(peer, kept || (a as number), 0, 0)
    } else if (op === OP_PAUSE) {
      peer.paused = true
    } else if (op === OP_RESUME) {
      peer.paused = false
      for (const bytes of peer.unread.splice(0)) this.peerSent(peer, bytes)
      this.#reportEnd(peer)
    }
  }

  #write(peer: FakePeer | null, bytes: Buffer): void {
    if (peer === null || peer.endReason !== 0) return
    peer.queue.push(bytes)
    this.#pump(peer)
  }

  /** The kernel takes what it has room for; then the watermark, the FIN and the close follow. */
  #pump(peer: FakePeer): void {
    const queued = new Uint32Array(this.queuedBytes)
    const wantsDrain = new Uint8Array(this.wantsDrain)
    for (let head = peer.queue[0]; head !== undefined && peer.room > 0; head = peer.queue[0]) {
      const taken = head.subarray(0, Math.min(head.length, peer.room))
      peer.received.push(taken)
      peer.bytesReceived += taken.length
      peer.room -= taken.length
      if (taken.length === head.length) peer.queue.shift()
      else peer.queue[0] = head.subarray(taken.length)
      if ((queued[peer.slot] as number) < taken.length) throw new Error('queuedBytes is wrong')
      queued[peer.slot] = (queued[peer.slot] as number) - taken.length
    }
    const low = this.listeners[0]?.options.lowWatermark ?? 0
    if (wantsDrain[peer.slot] === 1 && (queued[peer.slot] as number) <= low) {
      wantsDrain[peer.slot] = 0
      this.push([KIND_DRAIN, peer.slot, peer.generation])
    }
    if (peer.endReason !== 0 && peer.queue.length === 0) {
      peer.finReceived = true
      if (peer.finReported) this.#close(peer, peer.endReason, 0, 0)
    }
  }

  #reportEnd(peer: FakePeer): void {
    if (!peer.finSent || peer.finReported || peer.unread.length > 0) return
    peer.finReported = true
    this.push([KIND_END, peer.slot, peer.generation])
    this.#pump(peer)
  }

  #close(peer: FakePeer, reason: number, errno: number, decidedBy: number): void {
    if (peer.closed) return
    peer.closed = true
    this.#retired.push(peer)
    const payload = closedPayloadOf(peer)
    const { slot, generation } = peer
    const words = [KIND_CLOSED, slot, generation, reason, errno, 0, payload.length, decidedBy]
    this.push(words, payload)
  }

  #find(slot: number, generation: number): FakePeer | null {
    const peer = this.#peers[slot] ?? null
    return peer !== null && peer.generation === generation && !peer.closed ? peer : null
  }
}
