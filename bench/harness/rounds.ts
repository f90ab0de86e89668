/**
 * Calls `measure` once per contestant and round. The order turns by one from round to round, so
 * that nobody always runs first, after a pause, or always behind the same neighbour.
 */
export async function interleave<Contestant>(
  rounds: number,
  contestants: readonly Contestant[],
  measure: (contestant: Contestant, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < contestants.length; place++) {
      const contestant = contestants[(place + round) % contestants.length]
      if (contestant !== undefined) await measure(contestant, round)
    }
  }
}

/** Waits for all, so that nothing of a bench outlives it, and throws what the first one threw. */
export async function together(running: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(running)
  await Promise.all(running)
}
