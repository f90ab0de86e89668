/** What a figure is, told by its name: names of figures carry their units. */
export interface Kind {
  /** Which way is better; undefined where that depends. */
  readonly better: 'up' | 'down' | undefined
  /** It moves with the speed of the machine, so it is compared as a multiple of a baseline's. */
  readonly cost: boolean
}

/** What the load was, what was asked for and what disturbed it: a run is not judged by that. */
const conditions = new Set([
  ...['connections', 'operations', 'requests', 'messages', 'opened', 'dialled', 'retried'],
  ...['verifiedBytes', 'endedByServer', 'endedCount', 'emptyResidentBytes', 'dividedBy'],
  ...['boundMs', 'periodMs', 'windowSeconds', 'expected', 'planned', 'killedLow', 'killedHigh'],
  ...['lossMeasuredPercent', 'droppedSegments', 'floodMegabytesPerSecond'],
  ...['disturbance', 'serverBusy', 'loadBusy'],
])

const upIsBetter = /^(alone|beside|megabytes)?perSecond$|^(kept|served|within)/i
const downIsBetter = /cpu|(Bytes|Ns|Us|Ms|Percent|Calls|Pauses)$|Ms(Max|Total)$/i
const work = /cpu|perSecond$/i
const time = /(Ns|Us|Ms)$|Ms(Max|Total)$/i
/** Timers set the times there, not the speed of the machine. */
const byTimers = new Set(['detection', 'liveness', 'loss'])

export function kindOf(bench: string, figure: string): Kind | undefined {
  if (conditions.has(figure)) return undefined
  const down = downIsBetter.test(figure) ? 'down' : undefined
  return {
    better: upIsBetter.test(figure) ? 'up' : down,
    cost: work.test(figure) || (time.test(figure) && !byTimers.has(bench)),
  }
}

/** Who does the least that must be done, in this order: what the others' costs are multiples of. */
const baselines = ['raw-epoll', 'node-net', 'node-http', 'redis-server', 'uv-timer-each']

/** The baseline among the contestants of a scenario, if it has one. */
export function baselineOf(contestants: readonly string[]): string | undefined {
  return baselines.find((name) => contestants.includes(name))
}

/** A second run of the same program beside the first: what differs between them is the method's. */
export function isControl(contestant: string): boolean {
  return contestant.endsWith('-again')
}

export function controlled(contestant: string): string {
  return contestant.replace(/-again$/, '')
}
