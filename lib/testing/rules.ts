import { constants } from 'node:os'
import type { NativeKeepalive } from '../native/reactor.js'
import { KIND_BEAT, KIND_ENDING } from '../native/records.js'
import { type Due, type DueKind, earlier, nextDeadline, nextSilence } from './deadlines.js'
import { MemoryKernel, reasonCode } from './kernel.js'
import type { MemoryPeer } from './peer.js'

const BY_KERNEL = 0
const BY_LIVENESS_CLOCK = 1

const ENDS_FOR = {
  idle: 'idle-timeout',
  handshake: 'handshake-timeout',
  'beat-reply': 'heartbeat-timeout',
  backlog: 'slow-consumer',
} as const

/** What time brings about: deadlines, heartbeats, the end of a throttle, the death of a silent peer. */
export class MemoryRules extends MemoryKernel {
  readonly keepalives = new Map<MemoryPeer, NativeKeepalive | null>()

  /** The next moment at which a rule has something to say; null: no rule is in force. */
  get nextDueMs(): number | null {
    return (
      this.peers.reduce<Due | null>((next, peer) => earlier(next, this.#dueOf(peer)), null)?.atMs ??
      null
    )
  }

  /** Carries out what is due by now. */
  judge(): void {
    for (const peer of this.peers) {
      let due = this.#dueOf(peer)
      while (peer !== null && due !== null && due.atMs <= this.nowMs) {
        this.#carryOut(peer, due.kind)
        due = this.#dueOf(peer)
      }
    }
  }

  protected keepaliveOf(peer: MemoryPeer): NativeKeepalive | null {
    const own = this.keepalives.get(peer)
    return own === undefined ? (this.listeners[peer.listener]?.options.keepalive ?? null) : own
  }

  #dueOf(peer: MemoryPeer | null): Due | null {
    const options = this.listeners[peer?.listener ?? 0]?.options
    if (peer === null || peer.closed || options === undefined) {
      return null
    }
    const { releaseAtMs } = peer
    const release: Due | null = releaseAtMs === null ? null : { kind: 'release', atMs: releaseAtMs }
    return earlier(
      earlier(nextDeadline(options.deadlines, peer.activity, !peer.isRead), release),
      nextSilence(this.keepaliveOf(peer), peer.silentSinceMs),
    )
  }

  #carryOut(peer: MemoryPeer, kind: DueKind): void {
    const { slot, generation, activity } = peer
    switch (kind) {
      case 'lifetime':
        activity.endMs = this.nowMs
        this.push([KIND_ENDING, slot, generation, reasonCode('lifetime')])
        break
      case 'beat':
        activity.beatUnanswered = true
        activity.beatMs = this.nowMs
        this.push([KIND_BEAT, slot, generation])
        break
      case 'end':
        this.close(peer, peer.endReason || reasonCode('lifetime'))
        break
      case 'release':
        this.#release(peer)
        break
      case 'silence':
        this.#giveUp(peer)
        break
      default:
        this.close(peer, reasonCode(ENDS_FOR[kind]), { reset: kind === 'backlog' })
    }
  }

  /** Pings that were too many meanwhile are paid for first. */
  #release(peer: MemoryPeer): void {
    const waitMs = peer.intake?.waitMs(this.nowMs) ?? 0
    peer.releaseAtMs = waitMs > 0 ? this.nowMs + waitMs : null
    this.goOn(peer)
  }

  #giveUp(peer: MemoryPeer): void {
    const reason = peer.isOwedAnswer ? 'send-timeout' : 'keepalive-timeout'
    const decidedBy = peer.isOwedAnswer ? BY_LIVENESS_CLOCK : BY_KERNEL
    this.close(peer, reasonCode(reason), { errno: -constants.errno.ETIMEDOUT, decidedBy })
  }
}
