import type { DisconnectCompletion } from '../core/completion.js'
import { errorDetails, errorText } from './error-text.js'
import type { ServeEvent } from './events.js'

/** One JSON object per event. */
export function formatJson(event: ServeEvent, dropped: number): string {
  switch (event.event) {
    case 'disconnect':
      return JSON.stringify(disconnect(event.completion))
    case 'stats':
      return JSON.stringify({ event: 'stats', ...event.counters, linesDropped: dropped })
    default:
      return JSON.stringify(event)
  }
}

function disconnect(completion: DisconnectCompletion): Record<string, unknown> {
  const { id, reason, actor, code, detectedMs, bytesRead, bytesWritten, durationMs } = completion
  const { evidence, hooks } = completion
  return {
    event: 'disconnect',
    id,
    reason,
    actor,
    code,
    detectedMs,
    bytesRead,
    bytesWritten,
    durationMs,
    evidence,
    // An Error has no JSON of its own.
    hooks: {
      ...hooks,
      failures: hooks.failures.map(({ error, where }) => ({ where, error: errorText(error) })),
    },
    ...('error' in completion
      ? {
          error: errorText(completion.error),
          errorDetails: errorDetails(completion.error, reason === 'handler-error'),
        }
      : {}),
  }
}
