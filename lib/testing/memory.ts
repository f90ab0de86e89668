import type { NativeLayout } from '../native/reactor.js'
import { EVIDENCE_FIELDS, RECORD_WORDS } from '../native/records.js'

/** The memory that native code and TypeScript share, without the native code. */
export class Memory {
  readonly completions: ArrayBuffer
  readonly receiveSlab: ArrayBuffer
  readonly submissions: ArrayBuffer
  readonly submitSlab: ArrayBuffer
  readonly control = new ArrayBuffer(8)
  readonly queuedBytes: ArrayBuffer
  readonly wantsDrain: ArrayBuffer
  readonly throttles: ArrayBuffer
  readonly scratch = new ArrayBuffer(EVIDENCE_FIELDS.length * 8)

  constructor(layout: NativeLayout) {
    this.completions = new ArrayBuffer(layout.completionCapacity * RECORD_WORDS * 4)
    this.submissions = new ArrayBuffer(layout.submissionCapacity * RECORD_WORDS * 4)
    this.receiveSlab = new ArrayBuffer(layout.receiveSlabBytes)
    this.submitSlab = new ArrayBuffer(layout.submitSlabBytes)
    this.queuedBytes = new ArrayBuffer(layout.maxConnections * 4)
    this.wantsDrain = new ArrayBuffer(layout.maxConnections)
    this.throttles = new ArrayBuffer(layout.maxConnections * 4)
  }
}
