import type { NativeIntake } from '../native/reactor.js'

/** So many tokens are one ping: a rate's tokens a second then are pings a minute. */
const PING_TOKENS = 60

/** `perSecond` tokens flow in, and at most `burst` are kept. Below zero stands what is owed. */
class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  /** In thousandths, so that every number is whole. */
  #millitokens: number
  #atMs: number

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#millitokens = burst * 1000
    this.#atMs = nowMs
  }

  charge(tokens: number, nowMs: number): boolean {
    this.#fill(nowMs)
    this.#millitokens -= tokens * 1000
    return this.#millitokens >= 0
  }

  available(nowMs: number): number {
    this.#fill(nowMs)
    return Math.floor(Math.max(this.#millitokens, 0) / 1000)
  }

  /** Until there are so many; of none: until none is owed. */
  waitMs(tokens: number, nowMs: number): number {
    this.#fill(nowMs)
    return Math.max(0, Math.ceil((tokens * 1000 - this.#millitokens) / this.#perSecond))
  }

  #fill(nowMs: number): void {
    const grown = this.#millitokens + (nowMs - this.#atMs) * this.#perSecond
    this.#millitokens = Math.min(this.#burst * 1000, grown)
    this.#atMs = nowMs
  }
}

/** What one connection may make the server receive: the rules of addon/src/net/intake.h. */
export class Intake {
  readonly endsPinging: boolean
  readonly #endsFast: boolean
  readonly #bytes: TokenBucket | null
  readonly #pings: TokenBucket | null
  /** What a wait is to bring: a quarter of a second's, half a burst at most. */
  readonly #worthwhileBytes: number

  private constructor(options: NativeIntake, nowMs: number) {
    const { bytesPerSecond, burstBytes, pingsPerMinute, pingBurst } = options
    this.endsPinging = options.endsPinging
    this.#endsFast = options.endsFast
    this.#bytes = bytesPerSecond === 0 ? null : new TokenBucket(bytesPerSecond, burstBytes, nowMs)
    this.#pings =
      pingsPerMinute === 0 ? null : new TokenBucket(pingsPerMinute, pingBurst * PING_TOKENS, nowMs)
    const quarter = Math.floor(bytesPerSecond / 4)
    this.#worthwhileBytes = Math.max(1, Math.min(quarter, Math.floor(burstBytes / 2)))
  }

  /** null: nothing is limited. */
  static of(options: NativeIntake, nowMs: number): Intake | null {
    const { bytesPerSecond, pingsPerMinute } = options
    return bytesPerSecond === 0 && pingsPerMinute === 0 ? null : new Intake(options, nowMs)
  }

  /** Most bytes of one receive. One that is to end is let have one byte too many. */
  allowedBytes(nowMs: number): number {
    return this.#bytes === null
      ? Number.POSITIVE_INFINITY
      : this.#bytes.available(nowMs) + (this.#endsFast ? 1 : 0)
  }

  /** false: one byte too many. */
  received(bytes: number, nowMs: number): boolean {
    return this.#bytes === null || this.#bytes.charge(bytes, nowMs)
  }

  /** false: one too many. It is owed. */
  pinged(nowMs: number): boolean {
    return this.#pings === null || this.#pings.charge(PING_TOKENS, nowMs)
  }

  isExhausted(nowMs: number): boolean {
    return this.#owedMs(nowMs) > 0 || this.allowedBytes(nowMs) === 0
  }

  /** Until reading may go on; 0: now. */
  waitMs(nowMs: number): number {
    const owedMs = this.#owedMs(nowMs)
    return this.#bytes === null || this.#endsFast
      ? owedMs
      : Math.max(owedMs, this.#bytes.waitMs(this.#worthwhileBytes, nowMs))
  }

  #owedMs(nowMs: number): number {
    return this.#pings?.waitMs(0, nowMs) ?? 0
  }
}
