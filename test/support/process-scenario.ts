import path from 'node:path'
import type { MessagePort, Worker } from 'node:worker_threads'
import type * as Holdfast from '../../lib/index.js'
import { Child, type ChildOptions, io, root } from './process-child.js'

/** What a scenario works with: it is sent to another process as text and sees nothing else. */
export interface Tools {
  io: 'epoll' | 'uv'
  input: unknown
  /** Loads holdfast; before this the thread has nothing of it. */
  load(): Promise<typeof Holdfast>
  /** One line on stdout, written before it returns. */
  say(word: string, value?: unknown): void
  startWorker(scenario: Scenario, input?: unknown): Worker
  /** Of a worker: the way to the thread that started it. */
  parentPort: MessagePort | null
}

export type Scenario = (tools: Tools) => unknown

/** A process that runs a scenario and talks in words. */
export class ScenarioChild extends Child {
  /** The value of the next line that says `word`. */
  async heard<Value = unknown>(word: string): Promise<Value> {
    const line = await this.line((text) => JSON.parse(text).word === word)
    return JSON.parse(line).value as Value
  }

  get words(): string[] {
    return this.lines.map((line) => JSON.parse(line).word as string)
  }
}

export function startScenario(
  scenario: Scenario,
  input?: unknown,
  options?: ChildOptions,
): ScenarioChild {
  const order = JSON.stringify({ source: String(scenario), io, input })
  const runner = path.join(root, 'test/support/process-scenario.mjs')
  return new ScenarioChild([runner, order], options)
}
