import { AsyncLocalStorage } from 'node:async_hooks'
import { it, onTestFinished, type TestContext } from 'vitest'

const contexts = new AsyncLocalStorage<TestContext>()

/** Runs when the test in which it was called has finished, also for tests that run side by side. */
export function atTestEnd(action: () => unknown): void {
  const register = contexts.getStore()?.onTestFinished ?? onTestFinished
  register(async () => {
    await action()
  })
}

/** A test that mostly waits for a process of its own: those of a file run side by side. */
export function sideBySide(name: string, run: () => Promise<void>, timeoutMs?: number): void {
  const options = timeoutMs === undefined ? {} : { timeout: timeoutMs }
  it.concurrent(name, options, (context) => contexts.run(context, run))
}

/** One such test for each row. */
export function sideBySideFor<Row>(
  rows: readonly Row[],
  name: string,
  run: (row: Row) => Promise<void>,
): void {
  it.concurrent.for(rows)(name, (row, context) => contexts.run(context, () => run(row)))
}
