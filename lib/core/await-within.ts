/** What may become of something awaited. */
export interface Outcomes {
  settled(): void
  failed(error: unknown): void
  late(): void
  failedLate(error: unknown): void
}

/**
 * Exactly one of settled, failed and late is called; failedLate only after late. The timer keeps the
 * process alive until then, so that the hooks that follow still run.
 */
export function awaitWithin(
  timeoutMs: number,
  result: PromiseLike<unknown>,
  outcomes: Outcomes,
): void {
  let late = false
  const timer = setTimeout(() => {
    late = true
    outcomes.late()
  }, timeoutMs)
  Promise.resolve(result).then(
    () => {
      if (!late) {
        clearTimeout(timer)
        outcomes.settled()
      }
    },
    (error: unknown) => {
      if (late) {
        outcomes.failedLate(error)
        return
      }
      clearTimeout(timer)
      outcomes.failed(error)
    },
  )
}
