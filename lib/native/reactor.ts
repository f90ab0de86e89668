/** The typed face of the addon. Everything here is implemented in C++ under addon/src/binding. */

export type IoKind = 'epoll' | 'uv'

/** Numbers and names the addon was compiled with. */
export interface NativeLayout {
  readonly recordWords: number
  readonly maxConnections: number
  readonly completionCapacity: number
  readonly submissionCapacity: number
  readonly receiveSlabBytes: number
  readonly submitSlabBytes: number
  readonly addressBytes: number
  readonly openPeerBytes: number
  readonly controlSubmissionCount: number
  readonly controlSubmitBytes: number
  readonly evidenceFields: readonly string[]
  readonly socketRowWords: number
  readonly socketFields: readonly string[]
  readonly socketTimers: readonly string[]
  readonly reasons: readonly string[]
  readonly refusals: readonly string[]
  readonly completionKinds: readonly string[]
  readonly submissionOps: readonly string[]
  readonly broadcastOutcomes: readonly string[]
}

/** Called once per turn with all completion records; must not throw. */
export type Deliver = (count: number, slabBytes: number) => void

export interface NativeModule {
  readonly layout: NativeLayout
  /** What this build offers on this system, best first. */
  readonly ioKinds: readonly IoKind[]
  /** One reactor per (environment, io kind); the caller caches it. */
  createReactor(io: IoKind, deliver: Deliver): NativeReactor
  /**
   * Rows of SOCKET_ROW_WORDS words: the sockets of this network namespace with that local port,
   * whoever holds them; listeners and time-wait left out. Throws the system's error.
   */
  readPortSockets(port: number): ArrayBuffer
  /**
   * The policy of a descriptor, read back after it was set; null switches keepalive off. undefined:
   * it is no connected TCP socket. Throws the system's error.
   */
  tuneSocket(fd: number, keepalive: NativeKeepalive | null): NativeEffectiveKeepalive | undefined
}

/** Kernel settings. All times in milliseconds. */
export interface NativeKeepalive {
  idleMs: number
  intervalMs: number
  count: number
  /** 0: no user timeout. */
  userTimeoutMs: number
  /** 0: leave the kernel's own limit. */
  rtoMaxMs: number
  /** The bound the liveness clock holds outstanding data to. */
  detectionMs: number
}

/** As read back from the kernel. */
export interface NativeEffectiveKeepalive {
  enabled: boolean
  idleMs: number
  intervalMs: number
  count: number
  userTimeoutMs: number
  rtoMaxMs: number
  /** Names among idleMs, intervalMs, count, userTimeoutMs, rtoMaxMs, livenessClock. */
  unsupported: string[]
  source: 'inherited' | 'per-socket'
  /** Whether the first accepted socket agreed; null while none was accepted. */
  verified: boolean | null
  /** The code of the system's error when the options could not be set on an accepted socket. */
  failed?: string | undefined
}

export interface NativeListenOptions {
  /** An IP literal. */
  address: string
  family: 4 | 6
  port: number
  backlog: number
  ipv6Only: boolean
  reusePort: boolean
  noDelay: boolean
  keepalive: NativeKeepalive | null
  /** False: set the keepalive options on every accepted socket. */
  inherit: boolean
  lowWatermark: number
  /** Most bytes that all write queues hold; 0: no limit. */
  queueMemory: number
  acceptBudget: number
  readChunkBytes: number
  deadlines: NativeDeadlines
  intake: NativeIntake
  admission: NativeAdmission
  /** null: every peer is a client itself. */
  proxy: NativeProxy | null
}

/** Whose PROXY headers are believed. */
export interface NativeProxy {
  from: { address: string; family: 4 | 6; bits: number }[]
  /** From the accept until the header is complete. */
  headerMs: number
  denyOthers: boolean
}

/** What each connection may send; 0: no limit. */
export interface NativeIntake {
  bytesPerSecond: number
  burstBytes: number
  /** Above it the connection ends, instead of not being read for a while. */
  endsFast: boolean
  pingsPerMinute: number
  pingBurst: number
  endsPinging: boolean
}

/** 0: no such limit. */
export interface NativeAdmission {
  connections: number
  connectionsPerAddress: number
  v4Bits: number
  v6Bits: number
  perSecond: number
  burst: number
  perSecondPerAddress: number
  burstPerAddress: number
  rules: {
    address: string
    family: 4 | 6
    bits: number
    deny: boolean
    connections: number
  }[]
  denyOthers: boolean
  whenFull: 'suspend' | 'reset' | 'message'
  whenRefused: 'reset' | 'message'
  message: Uint8Array
}

/** Milliseconds; 0: no such rule. */
export interface NativeDeadlines {
  idleMs: number
  readIdleMs: number
  writeIdleMs: number
  handshakeMs: number
  lifetimeMs: number
  lifetimeJitterMs: number
  beatMs: number
  beatReplyMs: number
  endMs: number
  backlogMs: number
}

export interface NativeListening {
  listener: number
  address: string
  port: number
  family: 4 | 6
}

/** `count` rows of SOCKET_ROW_WORDS words, one for each connection. */
export interface NativeInspection {
  rows: ArrayBuffer
  count: number
}

export interface NativePeer {
  address: string
  port: number
  /** 0: the system did not tell, and the rest means nothing. */
  family: 0 | 4 | 6
}

export interface NativeReactor {
  /** Int32 records of RECORD_WORDS words. */
  readonly completions: ArrayBuffer
  /** Data and evidence payloads, valid only while deliver() runs. */
  readonly receiveSlab: ArrayBuffer
  /** Int32 records of RECORD_WORDS words. */
  readonly submissions: ArrayBuffer
  readonly submitSlab: ArrayBuffer
  /** Uint32: submissions waiting, bytes used in submitSlab. Native sets both to 0 on flush. */
  readonly control: ArrayBuffer
  /** Uint32 per slot: added to by write(), subtracted from by native as the kernel takes bytes. */
  readonly queuedBytes: ArrayBuffer
  /** Uint8 per slot: 1 asks native for a drain record at the low watermark. */
  readonly wantsDrain: ArrayBuffer
  /** Uint32 per slot: how often a limit has stopped the reading; kept until the slot serves again. */
  readonly throttles: ArrayBuffer
  /** Float64 evidence filled by readInfo(). */
  readonly scratch: ArrayBuffer
  /** Runs the waiting submissions now; safe inside deliver(). */
  flush(): void
  /** A write too large for the slab; flushes first. Bytes are taken before it returns. */
  send(slot: number, generation: number, bytes: Uint8Array): void
  /**
   * The same bytes to `count` connections of that listener; flushes first. `ids`: slot, generation,
   * slot, generation ... Bytes are taken before it returns, and BROADCAST_* then stands in place of
   * each generation.
   */
  broadcast(listener: number, ids: Uint32Array, count: number, bytes: Uint8Array): void
  /** Throws the system's error: code, errno, syscall, address, port. */
  listen(options: NativeListenOptions): NativeListening
  /**
   * Lets nobody begin a new handshake, accepts who is at the door for the grace at least, closes the
   * listener, and says so by its last record: drained.
   */
  drainListener(listener: number, graceMs: number): void
  setListenerRef(listener: number, ref: boolean): void
  /** A suspended listener accepts nothing; arrivals wait in the kernel's queue. */
  suspendListener(listener: number, suspended: boolean): void
  listenerKeepalive(listener: number): NativeEffectiveKeepalive
  /** Held in the write queues of its connections; 0 when there is no such listener any more. */
  listenerQueueMemory(listener: number): number
  setConnectionRef(slot: number, generation: number, ref: boolean): boolean
  /** TCP_NODELAY. False: the id is stale. */
  setNoDelay(slot: number, generation: number, on: boolean): boolean
  /** undefined: the id is stale. null switches keepalive off. */
  setKeepalive(
    slot: number,
    generation: number,
    keepalive: NativeKeepalive | null,
  ): NativeEffectiveKeepalive | undefined
  getKeepalive(slot: number, generation: number): NativeEffectiveKeepalive | undefined
  /** Fills scratch; false: the id is stale. */
  readInfo(slot: number, generation: number): boolean
  /** All open connections of a listener; undefined: there is no such listener any more. */
  inspectAll(listener: number): NativeInspection | undefined
  peer(slot: number, generation: number): NativePeer | undefined
  /** Our own end of the connection, as getsockname(2) tells it. */
  local(slot: number, generation: number): NativePeer | undefined
}
