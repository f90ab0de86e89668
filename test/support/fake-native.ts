import type { Deliver, IoKind, NativeLayout } from '../../lib/native/reactor.js'
import { MemoryModule, memoryLayout } from '../../lib/testing/module.js'
import { FakeReactor } from './fake-reactor.js'

/** Capacities small enough to fill in a test. */
export function fakeLayout(changes: Partial<NativeLayout> = {}): NativeLayout {
  return memoryLayout({
    maxConnections: 64,
    completionCapacity: 256,
    submissionCapacity: 16,
    receiveSlabBytes: 256 * 1024,
    ...changes,
  })
}

/** Stands in for the addon; `reactor` is the last one created. */
export class FakeModule extends MemoryModule<FakeReactor> {
  created = 0
  /** What readPortSockets() answers, or throws. */
  portRows: ArrayBuffer | Error = new ArrayBuffer(0)

  constructor(layout: Partial<NativeLayout> = {}) {
    super(fakeLayout(layout), (...given) => new FakeReactor(...given))
  }

  override createReactor(io: IoKind, deliver: Deliver): FakeReactor {
    this.created++
    return super.createReactor(io, deliver)
  }

  override readPortSockets(_port: number): ArrayBuffer {
    if (this.portRows instanceof Error) throw this.portRows
    return this.portRows
  }
}
