import type {
  NativeEffectiveKeepalive,
  NativeInspection,
  NativeKeepalive,
  NativeListening,
  NativeListenOptions,
  NativePeer,
  NativeReactor,
} from '../native/reactor.js'
import {
  BROADCAST_TAKEN,
  DESTROY_BY_RESET,
  DESTROY_KEEPING_REASON,
  KIND_CLOSED,
  KIND_DRAINED,
  OP_DESTROY,
  OP_END,
  OP_PAUSE,
  OP_PINGED,
  OP_READY,
  OP_RESUME,
  OP_WRITE,
  RECORD_WORDS,
} from '../native/records.js'
import { POISON } from './batch.js'
import { reasonCode } from './kernel.js'
import { addListener, countArrived } from './listeners.js'
import type { MemoryPeer } from './peer.js'
import { MemoryRules } from './rules.js'
import { asReadBack, evidenceOf, familyOf, rowsOf } from './values.js'

/** Of documentation, as all addresses here (RFC 5737). */
const LOCAL_ADDRESS: NativePeer = { address: '192.0.2.1', port: 7007, family: 4 }

/**
 * The native half in TypeScript: the same queues, ids, watermarks, deadlines and order of events.
 * MemoryPeer is the far side; deliver() and flush() make a turn.
 */
export class MemoryReactor extends MemoryRules implements NativeReactor {
  readonly #control = new Uint32Array(this.control)

  /** Whether the next turn would do anything. */
  get hasWork(): boolean {
    return !this.batch.isEmpty || this.#control[0] !== 0
  }

  /** One batch, without the flush that follows it. */
  deliver(): void {
    for (const [kind, slot] of this.batch.deliver()) {
      if (kind === KIND_CLOSED) {
        this.peers[slot as number] = null
      }
    }
  }

  flush(): void {
    const records = new Int32Array(this.submissions)
    const count = this.#control[0] as number
    for (let base = 0; base < count * RECORD_WORDS; base += RECORD_WORDS) {
      this.run([...records.subarray(base, base + RECORD_WORDS)])
    }
    new Uint8Array(this.submitSlab).fill(POISON, 0, this.#control[1])
    this.#control.fill(0)
  }

  send(slot: number, generation: number, bytes: Uint8Array): void {
    this.flush()
    this.write(this.find(slot, generation), Buffer.from(bytes))
  }

  broadcast(_listener: number, ids: Uint32Array, count: number, bytes: Uint8Array): void {
    for (let i = 0; i < 2 * count; i += 2) {
      this.send(ids[i] as number, ids[i + 1] as number, bytes)
      ids[i + 1] = BROADCAST_TAKEN
    }
  }

  listen(options: NativeListenOptions): NativeListening {
    return addListener(this.listeners, options)
  }

  drainListener(listener: number, graceMs: number): void {
    Object.assign(this.listeners[listener] ?? {}, { open: false, graceMs })
    this.push([KIND_DRAINED, listener, countArrived(this.listeners[listener])])
  }

  suspendListener(): void {}

  listenerQueueMemory(): number {
    return 0
  }

  setListenerRef(listener: number, referenced: boolean): void {
    Object.assign(this.listeners[listener] ?? {}, { referenced })
  }

  listenerKeepalive(listener: number): NativeEffectiveKeepalive {
    return asReadBack(this.listeners[listener]?.options.keepalive ?? null)
  }

  setConnectionRef(slot: number, generation: number, referenced: boolean): boolean {
    const peer = this.find(slot, generation)
    Object.assign(peer ?? {}, { referenced })
    return peer !== null
  }

  setKeepalive(slot: number, generation: number, keepalive: NativeKeepalive | null) {
    const peer = this.find(slot, generation)
    if (peer === null) {
      return undefined
    }
    this.keepalives.set(peer, keepalive)
    return { ...asReadBack(keepalive), source: 'per-socket' as const }
  }

  getKeepalive(slot: number, generation: number): NativeEffectiveKeepalive | undefined {
    const peer = this.find(slot, generation)
    return peer === null ? undefined : asReadBack(this.keepaliveOf(peer))
  }

  readInfo(slot: number, generation: number): boolean {
    const peer = this.find(slot, generation)
    if (peer === null) {
      return false
    }
    new Float64Array(this.scratch).set(evidenceOf(peer, this.nowMs))
    return true
  }

  inspectAll(): NativeInspection {
    return rowsOf(this.peers, this.nowMs)
  }

  peer(slot: number, generation: number): NativePeer | undefined {
    const peer = this.find(slot, generation)
    return peer === null
      ? undefined
      : { address: peer.address.text, port: peer.port, family: familyOf(peer) }
  }

  setNoDelay(slot: number, generation: number): boolean {
    return this.find(slot, generation) !== null
  }

  local(slot: number, generation: number): NativePeer | undefined {
    const peer = this.find(slot, generation)
    return peer === null ? undefined : { ...LOCAL_ADDRESS }
  }

  /** One submission. */
  protected run([op, slot, generation, a, b]: number[]): void {
    const peer = this.find(slot as number, generation as number)
    if (peer === null) {
      return
    }
    if (op === OP_WRITE) {
      this.write(peer, Buffer.from(new Uint8Array(this.submitSlab).slice(a, (a ?? 0) + (b ?? 0))))
    } else if (op === OP_END) {
      // To answer a FIN is not to end a connection: the peer did.
      const answers = peer.finReported && a === reasonCode('local-end')
      peer.endReason ||= answers ? reasonCode('peer-end') : (a as number)
      peer.activity.endMs ??= this.nowMs
      this.pump(peer)
    } else if (op === OP_DESTROY) {
      const kept = b === DESTROY_KEEPING_REASON ? peer.endReason : 0
      this.close(peer, kept || (a as number), { reset: b === DESTROY_BY_RESET })
    } else if (op === OP_PAUSE) {
      peer.paused = true
    } else if (op === OP_RESUME) {
      this.resume(peer)
    } else if (op === OP_READY) {
      peer.activity.established = true
    } else if (op === OP_PINGED) {
      this.#pinged(peer)
    }
  }

  #pinged(peer: MemoryPeer): void {
    if (peer.intake === null || peer.intake.pinged(this.nowMs)) {
      return
    }
    if (peer.intake.endsPinging) {
      this.close(peer, reasonCode('rate-limit'))
    } else {
      this.throttle(peer)
    }
  }
}
