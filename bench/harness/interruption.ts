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

/** What ends a run before its end: not a failure of any bench. */
export class Interrupted extends Error {}

/** A signal may have ended children before this process heard of it: throws if it does so now. */
export async function hearSignal(interrupted: Promise<never>): Promise<void> {
  await within(100, interrupted)
}

/** Waits for something, but not longer than that. */
export async function within(timeoutMs: number, something: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
  })
  try {
    await Promise.race([something, late])
  } finally {
    clearTimeout(timer)
  }
}
