import type {
  Deliver,
  IoKind,
  NativeEffectiveKeepalive,
  NativeKeepalive,
  NativeLayout,
  NativeModule,
} from '../../lib/native/reactor.js'
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
} from '../../lib/native/records.js'
import { FakeReactor } from './fake-reactor.js'
import { asReadBack } from './fake-values.js'

/** A layout like the addon's, with capacities small enough to fill in a test. */
export function fakeLayout(changes: Partial<NativeLayout> = {}): NativeLayout {
  return {
    recordWords: RECORD_WORDS,
    maxConnections: 64,
    completionCapacity: 256,
    submissionCapacity: 16,
    receiveSlabBytes: 256 * 1024,
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
export class FakeModule implements NativeModule {
  readonly layout: NativeLayout
  readonly ioKinds: readonly IoKind[] = ['epoll', 'uv']
  created = 0
  /** What readPortSockets() answers, or throws. */
  portRows: ArrayBuffer | Error = new ArrayBuffer(0)
  #reactor: FakeReactor | null = null

  constructor(layout: Partial<NativeLayout> = {}) {
    this.layout = fakeLayout(layout)
  }

  get reactor(): FakeReactor {
    if (this.#reactor === null) throw new Error('no reactor was created')
    return this.#reactor
  }

  createReactor(_io: IoKind, deliver: Deliver): FakeReactor {
    this.created++
    this.#reactor = new FakeReactor(this.layout, deliver)
    return this.#reactor
  }

  readPortSockets(): ArrayBuffer {
    if (this.portRows instanceof Error) throw this.portRows
    return this.portRows
  }

  tuneSocket(_fd: number, keepalive: NativeKeepalive | null): NativeEffectiveKeepalive {
    return { ...asReadBack(keepalive), source: 'per-socket', verified: true }
  }
}
