import type { KeepalivePlan, PlannedCost } from '../core/keepalive-plan.js'
import type { BoundLimit } from '../core/keepalive-policy-asked.js'
import { LATE_PERCENT } from '../core/keepalive-policy-lateness.js'

const LIMITS: Readonly<Record<BoundLimit, string>> = {
  'path-timeout': `the path timeout, less ${LATE_PERCENT} % for late timers, allows no more`,
  'longest-idle': 'the kernel waits 32,767 s at most before it asks, and needs no more to find out',
  'whole-seconds': 'the kernel counts whole seconds',
}

/** A plan for people: one subject a line, its name in front. `code` is the policy as a program has it. */
export function planText(plan: KeepalivePlan, code: string): string[] {
  const { policy, connections, loss, memory, heartbeat, measured } = plan
  const { count } = policy
  const lines: [subject: string, text: string][] = [
    ['policy', policyText(policy)],
    ['code', code],
    [
      'detection',
      `a peer that vanishes is reported within ${seconds(policy.detectionMs)}; at the latest ${seconds(policy.latestMs)} with the kernel's slack`,
    ],
    ...askedLine(policy),
    ...(policy.pathTimeoutMs === null ? [] : [pathLine(plan, policy.pathTimeoutMs)]),
    [
      'probes',
      `${number(plan.probes.perSecond)} a second, and as many answers, for ${number(connections)} idle connections`,
    ],
    ['traffic', trafficText(plan)],
    ...priceLine(plan.probes),
    [
      'cpu',
      `${cores(plan.probes.cpuCores)} for both ends together: ${measured.probeUs} µs a probe; no process wakes up`,
    ],
    [
      'memory',
      `${bytes(memory.processBytes, 'B')} in the server's processes, without what the application keeps, and ${bytes(memory.kernelBytes, 'B')} in the kernel: ${number(measured.processBytes)} and ${number(measured.kernelBytes)} bytes a connection`,
    ],
    [
      'loss',
      `${percent(loss.rate)} each way leaves ${percent(loss.question)} of probes unanswered; ${count} in a row end a healthy connection: a chance of ${percent(loss.perConnectionAndDay)} a day, so ${number(loss.endedPerDay)} of ${number(connections)} connections a day`,
    ],
    ['outage', outageText(loss.outageMs)],
    [
      'heartbeat',
      `with the same bound, each ${seconds(heartbeat.periodMs)}, answered within ${seconds(heartbeat.deadlineMs)}: ${heartbeat.beatBytes} bytes a beat, ${number(heartbeat.timesTheBytes)} times the bytes; ${cores(heartbeat.cpuCores)}, ${number(heartbeat.timesTheCpu)} times the CPU`,
    ],
    ['measured', `CPU and memory on ${measured.date}: ${measured.machine}`],
    ...policy.warnings.map((warning): [string, string] => ['warning', warning]),
  ]
  return lines.map(([subject, text]) => `${subject.padEnd(10)} ${text}`)
}

function policyText({ preset, idleMs, intervalMs, count }: KeepalivePlan['policy']): string {
  const name = preset ?? `${idleMs}/${intervalMs}/${count}`
  return `idle ${seconds(idleMs)} interval ${seconds(intervalMs)} count ${count}: --keepalive ${name}`
}

/** Only where the bound is not the one that was asked for. */
function askedLine({ asked }: KeepalivePlan['policy']): [string, string][] {
  if (asked === null || asked.limitedBy === null) {
    return []
  }
  return [['asked', `${seconds(asked.withinMs)}; ${LIMITS[asked.limitedBy]}`]]
}

function pathLine({ policy }: KeepalivePlan, pathTimeoutMs: number): [string, string] {
  const roundMs = policy.idleMs + policy.intervalMs * policy.count
  return [
    'path',
    `forgets after ${seconds(pathTimeoutMs)}; a round of probes ends after ${seconds(roundMs)}, ${LATE_PERCENT} % later at most`,
  ]
}

function trafficText({ frameBytes, ipVersion, probes }: KeepalivePlan): string {
  const bits = probes.perSecond * frameBytes * 8
  return `${frameBytes} bytes a frame (Ethernet, IPv${ipVersion}, TCP with timestamps): ${bytes(bits, 'bit/s')} each way, ${bytes(probes.sentBytesPerDay, 'B')} a day, ${bytes(probes.sentBytesPerMonth, 'B')} in 30 days`
}

function priceLine({ sentBytesPerMonth, pricePerMonth }: PlannedCost): [string, string][] {
  return pricePerMonth === null
    ? []
    : [['price', `${money(pricePerMonth)} in 30 days for ${bytes(sentBytesPerMonth, 'B')} sent`]]
}

function outageText(outageMs: number): string {
  return outageMs === 0
    ? 'any outage may end a healthy connection: there is one probe only'
    : `a path that fails for less than ${seconds(outageMs)} ends no healthy connection`
}

function cores(share: number): string {
  return `${number(share)} of a core`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toLocaleString('en-US')} s`
}

/** Three digits, or all of a whole number; thousands apart. */
function number(value: number): string {
  if (Number.isInteger(value)) {
    return value.toLocaleString('en-US')
  }
  return value < 1e-4
    ? value.toExponential(2)
    : value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}

function percent(share: number): string {
  return `${number(Number((share * 100).toPrecision(12)))} %`
}

function money(amount: number): string {
  return amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

/** Powers of 1000, three digits. */
function bytes(count: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']
  const power = count < 1 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(count) / 3))
  return `${number(count / 1000 ** power)} ${prefixes[power]}${unit}`
}
