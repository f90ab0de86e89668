import type { NativeIntake } from '../native/reactor.js'
import { optionRange } from './errors.js'
import { choiceOption, integerOption, objectOption } from './validate.js'

/**
 * How much each connection may send, in token buckets: at any time the burst and the rate's share, by
 * the clock of the event loop. Pings come in chunks: what a chunk had too many is paid for before the
 * next one is read.
 */
export interface IntakeLimits {
  /** Bytes received in a second on average, 100 to 2147483647. Above it: `whenFast`. */
  readBytesPerSecond?: number
  /** That many at once; at least a tenth of a second's. Default: as many as in a second. */
  readBurstBytes?: number
  /**
   * 'throttle': no more is read until the rate allows it, so that TCP's window slows the client;
   * 'end': the first byte too many ends the connection with rate-limit. Default 'throttle'.
   */
  whenFast?: 'throttle' | 'end'
  /** Calls of `connection.pinged()` in a minute on average, 1 to 1000000. Above it: `whenPinging`. */
  pingsPerMinute?: number
  /** That many at once; at least a tenth of a second's. Default: as many as in a minute. */
  pingBurst?: number
  /**
   * 'throttle': nothing is read until the rate has paid for all pings that were too many, however
   * long that takes; 'end': the first ends the connection with rate-limit. Default 'throttle'.
   */
  whenPinging?: 'throttle' | 'end'
}

export const INTAKE_LIMIT_NAMES = [
  ...['readBytesPerSecond', 'readBurstBytes', 'whenFast'],
  ...['pingsPerMinute', 'pingBurst', 'whenPinging'],
] as const

const BYTES_MAX = 2 ** 31 - 1
const PINGS_MAX = 1_000_000
// Reading goes on in steps of 50 ms. A bucket that holds less than two of them would flow over while
// one is waited for, and a client would get less than its rate.
const BURSTS_IN_SECOND_MAX = 10
const BURSTS_IN_MINUTE_MAX = 600
// The least of which two such steps are several bytes.
const BYTES_PER_SECOND_MIN = 100

/**
 * Checks these of the limits and fills in the defaults; 0 stands for none.
 * @throws HoldfastTypeError, HoldfastRangeError naming the option, and the other one where two contradict
 */
export function resolveIntake(limits: unknown): NativeIntake {
  const given = objectOption('limits', limits === undefined ? {} : limits)
  const bytes = (name: string, min: number, otherwise: number): number =>
    given[name] === undefined
      ? otherwise
      : integerOption(`limits.${name}`, given[name], min, BYTES_MAX, 'bytes')
  const pings = (name: string, otherwise: number): number =>
    given[name] === undefined
      ? otherwise
      : integerOption(`limits.${name}`, given[name], 1, PINGS_MAX)
  const ends = (name: string): boolean =>
    choiceOption(`limits.${name}`, given[name] === undefined ? 'throttle' : given[name], [
      'throttle',
      'end',
    ]) === 'end'
  const needs = (name: string, rateName: string): void => {
    if (given[name] !== undefined && given[rateName] === undefined) {
      throw optionRange(`limits.${name}`, given[name], `left out without limits.${rateName}`)
    }
  }

  const bytesPerSecond = bytes('readBytesPerSecond', BYTES_PER_SECOND_MIN, 0)
  const burstBytes = bytes('readBurstBytes', 1, bytesPerSecond)
  const endsFast = ends('whenFast')
  const pingsPerMinute = pings('pingsPerMinute', 0)
  const pingBurst = pings('pingBurst', pingsPerMinute)
  const endsPinging = ends('whenPinging')
  needs('readBurstBytes', 'readBytesPerSecond')
  needs('whenFast', 'readBytesPerSecond')
  needs('pingBurst', 'pingsPerMinute')
  needs('whenPinging', 'pingsPerMinute')
  if (burstBytes * BURSTS_IN_SECOND_MAX < bytesPerSecond) {
    const allowed = `at least a tenth of limits.readBytesPerSecond (${bytesPerSecond})`
    throw optionRange('limits.readBurstBytes', burstBytes, allowed)
  }
  if (pingBurst * BURSTS_IN_MINUTE_MAX < pingsPerMinute) {
    const allowed = `at least a 600th of limits.pingsPerMinute (${pingsPerMinute})`
    throw optionRange('limits.pingBurst', pingBurst, allowed)
  }
  return { bytesPerSecond, burstBytes, endsFast, pingsPerMinute, pingBurst, endsPinging }
}
