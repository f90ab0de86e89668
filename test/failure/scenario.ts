import type { DecidedBy, DisconnectActor, DisconnectReason } from '../../lib/core/reasons.js'
import type { KeepaliveSettings } from '../../lib/index.js'
import type { Program } from './program.js'
import type { Topology, TopologyKind } from './topology.js'

// What a scenario of the laboratory is made of. Nothing here runs: run.ts does.

export type IoKind = 'epoll' | 'uv'
export type Family = 'v4' | 'v6'

/** What the server's end of the connection can be waited for: no event announces it. */
export type Condition =
  /** Nothing sent is unanswered, nothing waits to be sent. */
  | 'acknowledged'
  /** Something waits, and nothing is in flight: the peer's window is closed. */
  | 'window-closed'
  /** The peer's FIN has arrived. */
  | 'close-wait'

export type Step =
  | { at: 'server'; do: 'write'; bytes: number }
  | { at: 'server'; do: 'pause' | 'resume' | 'end' | 'destroy' | 'reset' }
  | { at: 'server'; until: Condition }
  /** The server's handler has received this many bytes in all. */
  | { at: 'server'; received: number }
  | { at: 'peer'; do: 'send'; bytes: number }
  /** Sends so much now, and again each time so much later. */
  | { at: 'peer'; do: 'beat'; bytes: number; everyMs: number }
  /** How it reads from now on: all that comes, nothing, or a few bytes now and then. */
  | { at: 'peer'; do: 'read'; mode: 'all' | 'nothing' }
  | { at: 'peer'; do: 'read'; mode: 'sips'; bytes: number; everyMs: number }
  /** The peer has received this many bytes in all. */
  | { at: 'peer'; received: number }
  | { at: 'peer'; do: 'shutdown' | 'close' | 'abort' }
  /** Lets the connection be, for traffic whose point is its idle time. */
  | { at: 'both'; idleMs: number }

/** What happens on the connection before the cut and, where it matters, right after it. */
export interface Traffic {
  name: string
  before?: readonly Step[]
  after?: readonly Step[]
  /** Receive buffer that the peer asks for before it connects, in bytes (socket(7), SO_RCVBUF). */
  peerReceiveBytes?: number
  /** The server's option of that name. */
  allowHalfOpen?: boolean
  /** A rule of the server's application: it destroys a connection on which this long nothing came. */
  idleRuleMs?: number
}

/** What a running scenario is made of: what a cut takes hold of. */
export interface Bench {
  topology: Topology
  server: Program
  peer: Program
  family: Family
  serverPort: number
  peerPort: number
}

/** What a router does besides forwarding, from before the connection is made. */
export interface Middlebox {
  name: string
  install(topology: Topology): Promise<void>
}

/** One way to go. `apply` resolves when it has taken effect. */
export interface Cut {
  /** With its parameters, as the table prints it. */
  name: string
  /** Before the traffic: what the cut needs and what would make it take long. */
  prepare?(bench: Bench): Promise<void>
  apply(bench: Bench): Promise<void>
  undo?(bench: Bench): Promise<void>
  /**
   * What the kernel shows of it, read before and after `apply` and `undo`: a cut that left it as it was
   * was not made. Needed where nothing is reported, since the report cannot tell.
   */
  trace?(bench: Bench): Promise<string>
}

export interface Expectation {
  reason: DisconnectReason
  actor: DisconnectActor
  /** 'ETIMEDOUT'; null where no error was involved. */
  code: string | null
  decidedBy?: DecidedBy
}

/**
 * When the report comes: since the cut, or since the peer was last heard as the completion counts it
 * (`detectedMs`). Where the cut took a moment to make, the report is early only against its end and
 * late only against its beginning.
 */
export interface Window {
  since: 'cut' | 'heard'
  fromMs: number
  toMs: number
}

/** Least and most, both allowed. */
export type Range = readonly [least: number, most: number]

/** 'on': retransmission; 'persist': probes of a closed window, or of a network that takes nothing. */
export type Timer = 'keepalive' | 'on' | 'persist'

/** What must be seen besides the report, so that no scenario passes for the wrong reason. */
export interface Witness {
  /** The timers that `ss -tno` may show between the cut and the report. Never the only witness. */
  timers?: readonly Timer[]
  /** How far counters of the server's namespace rise from the cut to the report (nstat). */
  counters?: Readonly<Record<string, Range>>
  /** Numbers of the completion's evidence: `probes`, `unackedSegments`, ... and `bytesUnsent`. */
  evidence?: Readonly<Record<string, Range>>
}

export interface Scenario {
  /** Unique, in words. */
  name: string
  topology: TopologyKind
  /** At the router of a routed topology. */
  middlebox?: Middlebox
  families: readonly Family[]
  policy: KeepaliveSettings
  traffic: Traffic
  /** null: a control, or a peer that goes on living. */
  cut: Cut | null
  /** `cut.undo` this long after the cut. */
  undoAfterMs?: number
  /**
   * How late the cut may be made and undone, both together, so that the run still shows something.
   * Needed with `undoAfterMs`, which leaves only a part of the detection time.
   */
  roomMs?: number
  /** null: nothing may be reported for `holdMs`. */
  expect: Expectation | null
  /** Needed where something is expected. Besides it the promise of the policy holds for every scenario. */
  window?: Window
  /** Needed where nothing is expected; counted from the cut, or from where it would be. */
  holdMs?: number
  witness: Witness
  /**
   * The scenario without the cut: same topology, policy and traffic. Where a user timeout and no cut
   * ends the connection, the scenario without that. Needed wherever there is a cut or a report.
   */
  control?: string
}

/** One run of a scenario. */
export interface Result {
  scenario: string
  io: IoKind
  family: Family
  reason: DisconnectReason | null
  code: string | null
  /** From the cut to the report; null where nothing was reported. */
  afterCutMs: number | null
  /** From the last segment heard to the report. */
  heardMs: number | null
  /** Within this it had to be reported, or nothing had to be. */
  boundMs: number
  /** What the witnesses saw, in short. */
  seen: string
  /** Every way in which it went differently than declared; empty when it passed. */
  problems: string[]
}
