/** What a figure is, told by its name: names of figures carry their units. */
export interface Kind {
  /** Which way is better; undefined where that depends. */
  readonly better: 'up' | 'down' | undefined
  /** It moves with the speed of the machine, so it is compared as a multiple of a baseline's. */
  readonly cost: boolean
}

/** What the load was and what disturbed it: conditions of a run, which it is not judged by. */
const conditions =
  /^(operations|requests|messages|opened|dialled|endedByServer|verifiedBytes|droppedSegments|floodMegabytesPerSecond|disturbance|serverBusy|loadBusy)$|Count$|^empty/

const upIsBetter = /^(alone|beside)?perSecond$|^kept|^served/i
const downIsBetter = /cpu|(Bytes|Ns|Us|Ms|Percent|syscalls|SystemCalls)$/i
const movesWithTheMachine = /cpu|perSecond$|(Ns|Us|Ms)$/i

export function kindOf(figure: string): Kind | undefined {
  if (conditions.test(figure)) return undefined
  const down = downIsBetter.test(figure) ? 'down' : undefined
  return {
    better: upIsBetter.test(figure) ? 'up' : down,
    cost: movesWithTheMachine.test(figure),
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
