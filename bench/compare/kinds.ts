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
  ...['disturbance', 'noiseCores', 'serverBusy', 'loadBusy'],
])

const upIsBetter =
  /^(perSecond|(alone|beside|megabytes|dialled|ended)PerSecond)$|^(held|kept|served|within)[A-Z]/
const downIsBetter =
  /^cpu|Cpu|[a-z0-9](Bytes|Ns|Us|Ms|Percent|Calls|Cores)$|Ms(Max|Total)$|^(gcPauses|lost|killed|dropped|outsideModel)$/
const work = /^cpu|Cpu|[pP]erSecond$/
const time = /[a-z0-9](Ns|Us|Ms)$|Ms(Max|Total)$/
/** Timers set the times there, not the speed of the machine. */
const byTimers = new Set(['detection', 'liveness', 'loss'])

export function kindOf(bench: string, figure: string): Kind | undefined {
  if (conditions.has(figure)) return undefined
  // The bytes and the seconds that are held are memory and the length of the run.
  const up = upIsBetter.test(figure) && !/(Bytes|Seconds)$/.test(figure)
  const down = downIsBetter.test(figure) ? 'down' : undefined
  return {
    better: up ? 'up' : down,
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
