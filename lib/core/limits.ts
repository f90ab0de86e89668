import type { NativeAdmission } from '../native/reactor.js'
import { type AddressRule, resolveRules } from './address-rules.js'
import { optionRange } from './errors.js'
import { INTAKE_LIMIT_NAMES, type IntakeLimits } from './intake.js'
import {
  bytesOption,
  checkOptionNames,
  choiceOption,
  integerOption,
  objectOption,
} from './validate.js'

/**
 * Who may connect, and what becomes of the others; and how much a connection may send. What is left
 * out has no limit. Every limit is exact: a connection counts from its accept until its completion has
 * been delivered.
 */
export interface LimitOptions extends IntakeLimits {
  /** Open connections of this server. Above it: max-connections. */
  connections?: number
  /** Open connections of one address. Above it: per-address. */
  connectionsPerAddress?: number
  /**
   * How much of an address is one address, for the limits of one. Default 32 and 64, as IPv6 hosts
   * have a network each.
   */
  v4Bits?: number
  v6Bits?: number
  /** Connections a second, on average; above it: rate. */
  acceptsPerSecond?: number
  /** That many at once. Default: as many as in a second. */
  acceptBurst?: number
  /** The same for each address; at most as many as of all. */
  acceptsPerSecondPerAddress?: number
  acceptBurstPerAddress?: number
  rules?: readonly AddressRule[]
  /**
   * Memory that the write queues of all connections hold together, as `counters.queueMemoryBytes`. Above
   * it connections end with slow-consumer, those with the most queued bytes first, until seven eighths
   * are held. From highWatermarkBytes, and maxQueuedBytes where that is given, to 2^40 bytes.
   */
  queuedBytes?: number
  /** Addresses that no rule covers. Default 'allow'; 'deny': blocked. */
  others?: 'allow' | 'deny'
  /**
   * Above `connections` or `acceptsPerSecond`: 'suspend' leaves arrivals in the kernel's queue (its
   * length is `backlog`) until there is room; 'reset' sends RST, 'message' the refusalMessage and FIN.
   * Default 'suspend'.
   */
  whenFull?: 'suspend' | 'reset' | 'message'
  /** For limits that concern an address, which cannot wait for it. Default 'reset'. */
  whenRefused?: 'reset' | 'message'
  /** Sent as utf8 to a client that is refused by 'message'; at most 4096 bytes. */
  refusalMessage?: string | Uint8Array
}

export const COUNT_MAX = 2 ** 24
const RATE_MAX = 1_000_000
const QUEUE_MEMORY_MAX = 2 ** 40
/** Of a last message to a client: it fits the empty send buffer of any socket. */
export const MESSAGE_BYTES_MAX = 4096

const LIMIT_NAMES = [
  ...['connections', 'connectionsPerAddress', 'v4Bits', 'v6Bits', 'acceptsPerSecond'],
  ...['acceptBurst', 'acceptsPerSecondPerAddress', 'acceptBurstPerAddress', 'rules', 'others'],
  ...['whenFull', 'whenRefused', 'refusalMessage', 'queuedBytes'],
  ...INTAKE_LIMIT_NAMES,
]

/**
 * Checks all limits on who may come and fills in the defaults; 0 stands for none.
 * @throws HoldfastTypeError, HoldfastRangeError naming the option, and the other one where two contradict
 */
export function resolveLimits(input: unknown): NativeAdmission {
  const given = objectOption('limits', input === undefined ? {} : input)
  checkOptionNames('limits', given, LIMIT_NAMES)
  const number = (name: string, min: number, max: number, otherwise: number): number =>
    given[name] === undefined ? otherwise : integerOption(`limits.${name}`, given[name], min, max)
  const connections = number('connections', 1, COUNT_MAX, 0)
  const connectionsPerAddress = number('connectionsPerAddress', 1, COUNT_MAX, 0)
  if (connections !== 0 && connectionsPerAddress > connections) {
    const allowed = `at most limits.connections (${connections})`
    throw optionRange('limits.connectionsPerAddress', connectionsPerAddress, allowed)
  }
  const perSecond = number('acceptsPerSecond', 1, RATE_MAX, 0)
  const perSecondPerAddress = number('acceptsPerSecondPerAddress', 1, RATE_MAX, 0)
  if (perSecond !== 0 && perSecondPerAddress > perSecond) {
    const allowed = `at most limits.acceptsPerSecond (${perSecond})`
    throw optionRange('limits.acceptsPerSecondPerAddress', perSecondPerAddress, allowed)
  }
  const burst = number('acceptBurst', 1, RATE_MAX, perSecond)
  needs('acceptBurst', burst, 'acceptsPerSecond', perSecond)
  const most = perSecond === 0 ? RATE_MAX : burst
  const burstPerAddress = number(
    'acceptBurstPerAddress',
    1,
    RATE_MAX,
    Math.min(perSecondPerAddress, most),
  )
  needs('acceptBurstPerAddress', burstPerAddress, 'acceptsPerSecondPerAddress', perSecondPerAddress)
  if (burstPerAddress > most) {
    const allowed = `at most limits.acceptBurst (${burst})`
    throw optionRange('limits.acceptBurstPerAddress', burstPerAddress, allowed)
  }
  const v4Bits = number('v4Bits', 1, 32, 32)
  const v6Bits = number('v6Bits', 1, 128, 64)
  if (connectionsPerAddress === 0 && perSecondPerAddress === 0) {
    for (const name of ['v4Bits', 'v6Bits']) {
      if (given[name] !== undefined) {
        const allowed =
          'left out without limits.connectionsPerAddress or limits.acceptsPerSecondPerAddress'
        throw optionRange(`limits.${name}`, given[name], allowed)
      }
    }
  }
  const choice = <Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]) =>
    choiceOption(`limits.${name}`, given[name] === undefined ? choices[0] : given[name], choices)
  const others = choice('others', ['allow', 'deny'])
  const whenFull = choice('whenFull', ['suspend', 'reset', 'message'])
  const whenRefused = choice('whenRefused', ['reset', 'message'])
  const message =
    given.refusalMessage === undefined
      ? new Uint8Array(0)
      : bytesOption('limits.refusalMessage', given.refusalMessage, MESSAGE_BYTES_MAX)
  const speaks = whenFull === 'message' || whenRefused === 'message'
  if (speaks !== message.length > 0) {
    const allowed = speaks
      ? "1 to 4096 bytes, for limits.whenFull or limits.whenRefused is 'message'"
      : "left out unless limits.whenFull or limits.whenRefused is 'message'"
    throw optionRange('limits.refusalMessage', given.refusalMessage, allowed)
  }
  return {
    connections,
    connectionsPerAddress,
    v4Bits,
    v6Bits,
    perSecond,
    burst,
    perSecondPerAddress,
    burstPerAddress,
    rules: resolveRules(given.rules, connections, COUNT_MAX),
    denyOthers: others === 'deny',
    whenFull,
    whenRefused,
    message,
  }
}

/**
 * limits.queuedBytes; 0 stands for none. One connection must be able to reach its high watermark, and
 * the limit of its own where one is given.
 * @throws HoldfastTypeError, HoldfastRangeError naming both
 */
export function resolveQueueMemory(
  input: unknown,
  highWatermarkBytes: number,
  maxQueuedBytes?: number,
): number {
  const { queuedBytes } = objectOption('limits', input === undefined ? {} : input)
  if (queuedBytes === undefined) {
    return 0
  }
  const bytes = integerOption('limits.queuedBytes', queuedBytes, 1, QUEUE_MEMORY_MAX, 'bytes')
  if (bytes < highWatermarkBytes) {
    const allowed = `at least highWatermarkBytes (${highWatermarkBytes})`
    throw optionRange('limits.queuedBytes', bytes, allowed)
  }
  if (maxQueuedBytes !== undefined && maxQueuedBytes > bytes) {
    throw optionRange('maxQueuedBytes', maxQueuedBytes, `at most limits.queuedBytes (${bytes})`)
  }
  return bytes
}

function needs(burstName: string, burst: number, rateName: string, rate: number): void {
  if (burst > 0 && rate === 0) {
    throw optionRange(`limits.${burstName}`, burst, `left out without limits.${rateName}`)
  }
}
