const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A terminal and npm both send the same Ctrl-C; a second one by hand comes later than that. */
const sameSignalMs = 1000

/** The first signal that asks this process to end. Another one after it ends the process at once. */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstMs: number | undefined
    for (const signal of signals) {
      process.on(signal, () => {
        const nowMs = performance.now()
        if (firstMs !== undefined && nowMs - firstMs > sameSignalMs) process.exit(130)
        firstMs ??= nowMs
        resolve(signal)
      })
    }
  })
}
