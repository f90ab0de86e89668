/**
 * Chance that so many probes in a row stay unanswered, once at least, among all that a connection
 * is asked: exact, for independent losses. Between two whole numbers of questions it is in
 * proportion: connections in different phases are asked once more or once less.
 */
export function chanceOfRun(questions: number, run: number, questionLoss: number): number {
  const whole = Math.floor(questions)
  // alive[i]: the chance of being alive with the last i questions unanswered.
  let alive = [1, ...new Array<number>(run - 1).fill(0)]
  let ended = 0
  let endedBefore = 0
  for (let asked = 0; asked <= whole; asked++) {
    endedBefore = ended
    ended += (alive[run - 1] as number) * questionLoss
    const answered = alive.reduce((sum, chance) => sum + chance) * (1 - questionLoss)
    alive = [answered, ...alive.slice(0, -1).map((chance) => chance * questionLoss)]
  }
  return endedBefore + (ended - endedBefore) * (questions - whole)
}

/** The most questions after which the chance of a run is at most `chance`, in steps of a tenth. */
export function questionsUntil(
  chance: number,
  run: number,
  questionLoss: number,
  most: number,
): number {
  let questions = 1
  while (questions < most && chanceOfRun(questions, run, questionLoss) < chance) questions += 0.1
  return Math.min(questions, most)
}

export interface Range {
  readonly low: number
  readonly high: number
}

/**
 * How many of `trials` succeed, as far as `confidence` goes: less than `low` or more than `high`
 * have each at most half of what is left of it.
 */
export function binomialRange(trials: number, chance: number, confidence: number): Range {
  if (chance <= 0) return { low: 0, high: 0 }
  if (chance >= 1) return { low: trials, high: trials }
  const tail = (1 - confidence) / 2
  const logOdds = Math.log(chance) - Math.log1p(-chance)
  let low: number | undefined
  let below = 0
  let logMass = trials * Math.log1p(-chance)
  for (let successes = 0; successes < trials; successes++) {
    const upTo = below + Math.exp(logMass)
    if (low === undefined && upTo > tail) low = successes
    if (upTo >= 1 - tail) return { low: low ?? successes, high: successes }
    below = upTo
    logMass += Math.log((trials - successes) / (successes + 1)) + logOdds
  }
  return { low: low ?? trials, high: trials }
}
