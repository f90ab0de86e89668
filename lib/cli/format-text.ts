import type { DisconnectCompletion } from '../core/completion.js'
import type { ServerCounters } from '../core/counters.js'
import type { EffectiveKeepalive } from '../core/effective-keepalive.js'
import { ProtocolError } from '../core/protocol-error.js'
import { errorDetails, errorText, inOneLine } from './error-text.js'
import type { ServeEvent } from './events.js'

/** One line per event, for people. */
export function formatText(event: ServeEvent, dropped: number): string {
  switch (event.event) {
    case 'listening':
      return listening(event.host, event.port, event.keepalive)
    case 'open':
      return `open ${event.id} ${endpoint(event.remoteAddress, event.remotePort)}`
    case 'disconnect':
      return disconnect(event.completion)
    case 'refused':
      return `refused ${event.count} ${event.cause}`
    case 'stats':
      return stats(event.counters, dropped)
    case 'closed':
      return 'closed'
  }
}

function listening(host: string, port: number, keepalive: EffectiveKeepalive): string {
  const target = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `holdfast listening on ${endpoint(host, port)} ${policy(keepalive)}; try: nc ${target} ${port}`
}

function policy(keepalive: EffectiveKeepalive): string {
  if (!keepalive.enabled) {
    return `keepalive off (read back from the kernel), a dead peer may never be reported${warned(keepalive)}`
  }
  const { preset, idleMs, intervalMs, count, userTimeoutMs, detectionMs } = keepalive
  const words = [
    'keepalive',
    preset ?? '',
    `idle ${seconds(idleMs)} interval ${seconds(intervalMs)} count ${count}`,
    userTimeoutMs === 0 ? '' : `user timeout ${userTimeoutMs} ms`,
    '(read back from the kernel), a dead peer is reported within',
    seconds(detectionMs ?? 0),
  ]
  return `${words.filter((word) => word !== '').join(' ')}${warned(keepalive)}`
}

/** The warnings themselves go to stderr, a line each. */
function warned({ warnings }: EffectiveKeepalive): string {
  const count = warnings.length
  return count === 0 ? '' : `, ${count} warning${count === 1 ? '' : 's'} on stderr`
}

function disconnect(completion: DisconnectCompletion): string {
  const { id, reason, actor, code, detectedMs, bytesRead, bytesWritten, durationMs } = completion
  const peer = endpoint(completion.remoteAddress, completion.remotePort)
  const cause = code === null ? `${reason} by ${actor}` : `${reason} (${code}) by ${actor}`
  const words = [
    `disconnect ${id} ${peer} ${cause} after ${seconds(durationMs)}`,
    `read ${bytesRead} written ${bytesWritten}`,
  ]
  if (actor === 'network' && detectedMs !== null) {
    words.push(`last heard ${detectedMs} ms before`)
  }
  const failures = completion.hooks.failures.length
  if (failures > 0 || completion.hooks.late > 0) {
    words.push(`hooks failed ${failures} late ${completion.hooks.late}`)
  }
  if ('error' in completion) {
    words.push(`${reason}: ${inOneLine(message(completion.error))}`)
  }
  return words.join(', ')
}

/** Of a protocol's own error, which says all; any other is named by its class too. */
function message(error: unknown): string {
  return error instanceof ProtocolError ? error.message : errorText(error)
}

/** Where an error of the handler was thrown, for stderr. */
export function formatStack(event: ServeEvent): string {
  if (event.event !== 'disconnect') {
    return ''
  }
  const { id, error } = event.completion
  const { stack } = errorDetails(error, true)
  return `holdfast: handler-error of connection ${id}: ${stack ?? errorText(error)}`
}

function stats(counters: ServerCounters, dropped: number): string {
  const { arrived, accepted, open, bytesRead, bytesWritten, writesAfterEnd, throttled } = counters
  const words = [
    `stats arrived ${arrived} accepted ${accepted} open ${open}`,
    `closed ${nonZero(counters.closed)}`,
    `refused ${nonZero(counters.refused)}`,
    `read ${bytesRead} written ${bytesWritten} writes after end ${writesAfterEnd}`,
  ]
  if (throttled > 0) {
    words.push(`throttled ${throttled}`)
  }
  if (dropped > 0) {
    words.push(`lines dropped ${dropped}`)
  }
  return words.join(', ')
}

function nonZero(counts: Readonly<Record<string, number>>): string {
  const found = Object.entries(counts).filter(([, count]) => count > 0)
  return found.length === 0 ? '0' : found.map(([name, count]) => `${name} ${count}`).join(' ')
}

function endpoint(address: string | null, port: number | null): string {
  if (address === null) {
    return 'unknown'
  }
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}
