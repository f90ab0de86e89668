import { optionRange } from './errors.js'
import {
  BEAT_CPU_US,
  COSTS_MEASURED,
  emptyFrameBytes,
  type IpVersion,
  KERNEL_MEMORY_BYTES,
  PROBE_CPU_US,
  PROCESS_MEMORY_BYTES,
} from './keepalive-plan-costs.js'
import { type KeepaliveInput, KeepalivePolicy } from './keepalive-policy.js'
import type { AskedBound } from './keepalive-policy-asked.js'
import { latestMsOf } from './keepalive-policy-lateness.js'
import {
  LOSS_DEFAULT,
  lossChancePerDay,
  questionLoss,
  roundLoss,
  survivedOutageMs,
} from './keepalive-policy-loss.js'
import { checkLoss } from './keepalive-policy-within.js'
import type { KeepalivePreset } from './presets.js'
import { checkOptionNames, integerOption, numberOption, objectOption } from './validate.js'

export interface PlanOptions {
  /** Connections that are open and idle at the same time, 1 to 1000000000. */
  connections: number
  /** Frame sizes differ. Default 4. */
  ipVersion?: IpVersion
  /** Chance that a segment is lost, each way, from 0 to below 1. Default 0.01. */
  loss?: number
  /** Per 10^9 bytes that leave the server, in whatever currency, 0 to 1000000000. Default: not priced. */
  pricePerGb?: number
}

/** Bytes of Ethernet frames; a month has 30 days. */
export interface PlannedTraffic {
  sentBytesPerDay: number
  receivedBytesPerDay: number
  sentBytesPerMonth: number
  receivedBytesPerMonth: number
}

/** What asking costs, by probes or by beats. */
export interface PlannedCost extends PlannedTraffic {
  perSecond: number
  /** Both ends together, as a share of one core: 0.5 is half a core. */
  cpuCores: number
  /** null without a price. */
  pricePerMonth: number | null
}

/** What a policy costs and risks on that many idle connections. */
export interface KeepalivePlan {
  policy: {
    /** null: values of one's own. */
    preset: KeepalivePreset | null
    idleMs: number
    intervalMs: number
    /** Unanswered probes until the end, as a user timeout leaves them. */
    count: number
    detectionMs: number
    /** The same with late timers, 13 % and one second more: a report is promised by then. */
    latestMs: number
    /** What `KeepalivePolicy.within` was asked for, and why the bound is shorter; null: not by that. */
    asked: AskedBound | null
    /** null: not said. */
    pathTimeoutMs: number | null
    warnings: string[]
  }
  connections: number
  ipVersion: IpVersion
  /** A probe, and its answer, on the wire. */
  frameBytes: number
  probes: PlannedCost
  /** What all of them take on the server while they are idle, whatever the policy. */
  memory: {
    /** Resident memory of the server's processes, without what an application keeps. */
    processBytes: number
    kernelBytes: number
  }
  loss: {
    /** Each way. */
    rate: number
    /** Chance that one probe stays unanswered. */
    question: number
    /** Chance that all probes of a round do, which ends the connection. */
    round: number
    /** Chance that loss ends a healthy idle connection within a day. */
    perConnectionAndDay: number
    /** Healthy connections that loss ends in a day, on average. */
    endedPerDay: number
    /** Outages shorter than this end nobody. */
    outageMs: number
  }
  /** An application's heartbeat that asks as often and waits as long, so that its bound is the same. */
  heartbeat: PlannedCost & {
    periodMs: number
    deadlineMs: number
    /** All three frames of a beat. */
    beatBytes: number
    /** Compared with the probes. */
    timesTheBytes: number
    timesTheCpu: number
  }
  /** What the figures for CPU and memory rest on: of one probe, one beat, one connection. */
  measured: {
    probeUs: number
    beatUs: number
    processBytes: number
    kernelBytes: number
    date: string
    machine: string
  }
}

const CONNECTIONS_MAX = 1_000_000_000
/** Above it a price is a slip; without a bound the sum may be infinite, and null in JSON. */
export const PRICE_MAX = 1_000_000_000
const DAY_SECONDS = 86_400
const MONTH_DAYS = 30
const GB_BYTES = 1e9

// 'ping\n' and an answer as long: about what RFC 6455 needs for a ping and a masked pong too.
const BEAT_PAYLOAD_BYTES = 5

const OPTION_NAMES = ['connections', 'ipVersion', 'loss', 'pricePerGb'] as const

/**
 * What a policy costs and risks: pure arithmetic, and measured figures for CPU and memory. Connections
 * count as idle: where data flows anyway, fewer probes are sent.
 * @throws HoldfastTypeError, HoldfastRangeError for a bad option, or a policy that is off
 */
export function planKeepalive(input: KeepaliveInput, options: PlanOptions): KeepalivePlan {
  const policy = KeepalivePolicy.from(input)
  const { idleMs, intervalMs, detectionMs, pathTimeoutMs } = policy
  if (detectionMs === null) {
    throw optionRange('keepalive', input, 'a policy that is on: without probes there is no plan')
  }
  const { connections, ipVersion, loss, pricePerGb } = checkOptions(options)
  const periodMs = Math.max(idleMs, intervalMs)
  // A user timeout takes the place of the count.
  const count = (detectionMs - periodMs) / intervalMs
  const values = { idleMs, intervalMs, count }
  const perSecond = (connections * 1000) / periodMs
  const frameBytes = emptyFrameBytes(ipVersion)
  const probes = costOf(perSecond, frameBytes, frameBytes, PROBE_CPU_US, pricePerGb)
  // The answer carries the acknowledgement of the ping; its own acknowledgement is a frame.
  const pingBytes = frameBytes + BEAT_PAYLOAD_BYTES
  const sentBytes = pingBytes + frameBytes
  const beats = costOf(perSecond, sentBytes, pingBytes, BEAT_CPU_US, pricePerGb)
  const beatBytes = sentBytes + pingBytes
  const perConnectionAndDay = lossChancePerDay(values, loss)
  return {
    policy: {
      preset: policy.preset,
      ...values,
      detectionMs,
      latestMs: latestMsOf(detectionMs),
      asked: policy.asked,
      pathTimeoutMs,
      warnings: [...policy.warnings],
    },
    connections,
    ipVersion,
    frameBytes,
    probes,
    memory: {
      processBytes: connections * PROCESS_MEMORY_BYTES,
      kernelBytes: connections * KERNEL_MEMORY_BYTES,
    },
    loss: {
      rate: loss,
      question: questionLoss(loss),
      round: roundLoss(count, loss),
      perConnectionAndDay,
      endedPerDay: connections * perConnectionAndDay,
      outageMs: survivedOutageMs(values),
    },
    heartbeat: {
      ...beats,
      periodMs,
      deadlineMs: detectionMs - periodMs,
      beatBytes,
      timesTheBytes: beatBytes / (2 * frameBytes),
      timesTheCpu: BEAT_CPU_US / PROBE_CPU_US,
    },
    measured: {
      probeUs: PROBE_CPU_US,
      beatUs: BEAT_CPU_US,
      processBytes: PROCESS_MEMORY_BYTES,
      kernelBytes: KERNEL_MEMORY_BYTES,
      ...COSTS_MEASURED,
    },
  }
}

function costOf(
  perSecond: number,
  sentBytes: number,
  receivedBytes: number,
  cpuUs: number,
  pricePerGb: number | null,
): PlannedCost {
  const sentBytesPerDay = perSecond * DAY_SECONDS * sentBytes
  const receivedBytesPerDay = perSecond * DAY_SECONDS * receivedBytes
  const sentBytesPerMonth = sentBytesPerDay * MONTH_DAYS
  return {
    perSecond,
    cpuCores: (perSecond * cpuUs) / 1e6,
    sentBytesPerDay,
    receivedBytesPerDay,
    sentBytesPerMonth,
    receivedBytesPerMonth: receivedBytesPerDay * MONTH_DAYS,
    pricePerMonth: pricePerGb === null ? null : (sentBytesPerMonth / GB_BYTES) * pricePerGb,
  }
}

function checkOptions(input: PlanOptions) {
  const given = objectOption('options', input)
  checkOptionNames('planKeepalive', given, OPTION_NAMES)
  const { connections, ipVersion = 4, loss = LOSS_DEFAULT, pricePerGb } = given
  const isPrice = (it: number): boolean => it >= 0 && it <= PRICE_MAX
  const isIpVersion = (it: number): boolean => it === 4 || it === 6
  return {
    connections: integerOption('connections', connections, 1, CONNECTIONS_MAX),
    ipVersion: numberOption('ipVersion', ipVersion, '4 or 6', isIpVersion) as IpVersion,
    loss: checkLoss(loss),
    pricePerGb:
      pricePerGb === undefined
        ? null
        : numberOption('pricePerGb', pricePerGb, `a number from 0 to ${PRICE_MAX}`, isPrice),
  }
}
