import type {
  Deliver,
  IoKind,
  NativeEffectiveKeepalive,
  NativeKeepalive,
  NativeLayout,
  NativeModule,
} from '../native/reactor.js'
import {
  ADDRESS_BYTES,
  BROADCAST_OUTCOMES,
  COMPLETION_KINDS,
  CONTROL_SLAB_USED,
  CONTROL_SUBMISSIONS,
  EVIDENCE_FIELDS,
  OPEN_PEER_BYTES,
  REASON_NAMES,
  RECORD_WORDS,
  REFUSAL_NAMES,
  SOCKET_FIELDS,
  SOCKET_ROW_WORDS,
  SOCKET_TIMERS,
  SUBMISSION_OPS,
} from '../native/records.js'
import type { MemoryReactor } from './reactor.js'
import { asReadBack } from './values.js'

/** A layout like the addon's, for at most 4,096 connections at once. */
export function memoryLayout(changes: Partial<NativeLayout> = {}): NativeLayout {
  return {
    recordWords: RECORD_WORDS,
    maxConnections: 4_096,
    completionCapacity: 4_096,
    submissionCapacity: 4_096,
    receiveSlabBytes: 1024 * 1024,
    submitSlabBytes: 256 * 1024,
    addressBytes: ADDRESS_BYTES,
    openPeerBytes: OPEN_PEER_BYTES,
    controlSubmissionCount: CONTROL_SUBMISSIONS,
    controlSubmitBytes: CONTROL_SLAB_USED,
    evidenceFields: [...EVIDENCE_FIELDS],
    socketRowWords: SOCKET_ROW_WORDS,
    socketFields: [...SOCKET_FIELDS],
    socketTimers: [...SOCKET_TIMERS],
    reasons: [...REASON_NAMES],
    refusals: [...REFUSAL_NAMES],
    completionKinds: [...COMPLETION_KINDS],
    submissionOps: [...SUBMISSION_OPS],
    broadcastOutcomes: [...BROADCAST_OUTCOMES],
    ...changes,
  }
}

/** Stands in for the addon; `reactor` is the last one created. */
export class MemoryModule<Kind extends MemoryReactor = MemoryReactor> implements NativeModule {
  readonly layout: NativeLayout
  readonly ioKinds: readonly IoKind[] = ['epoll', 'uv']
  readonly #make: (layout: NativeLayout, deliver: Deliver) => Kind
  #reactor: Kind | null = null

  constructor(layout: NativeLayout, make: (layout: NativeLayout, deliver: Deliver) => Kind) {
    this.layout = layout
    this.#make = make
  }

  get reactor(): Kind {
    if (this.#reactor === null) {
      throw new Error('no reactor was created')
    }
    return this.#reactor
  }

  createReactor(_io: IoKind, deliver: Deliver): Kind {
    this.#reactor = this.#make(this.layout, deliver)
    return this.#reactor
  }

  readPortSockets(_port: number): ArrayBuffer {
    return new ArrayBuffer(0)
  }

  tuneSocket(_fd: number, keepalive: NativeKeepalive | null): NativeEffectiveKeepalive {
    return { ...asReadBack(keepalive), source: 'per-socket', verified: true }
  }
}
