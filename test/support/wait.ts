import { setTimeout as delay } from 'node:timers/promises'

/** A promise that is settled from outside. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
  reject(error: unknown): void
}

export function deferred<Value = void>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<Value>((accept, refuse) => {
    resolve = accept
    reject = refuse
  })
  return { promise, resolve, reject }
}

const POLL_MS = 10

/**
 * For what announces itself by no event: the state of a socket in the kernel, or of another process.
 * Everything else is awaited.
 * @throws Error that names `what` after `withinMs`
 */
export async function until(
  condition: () => boolean,
  what: string,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}`)
    }
    await delay(POLL_MS)
  }
}

/** After every handle of the loop has had `count` turns, and the promises made there have run. */
export async function turns(count = 1): Promise<void> {
  for (let done = 0; done < count; done++) {
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
