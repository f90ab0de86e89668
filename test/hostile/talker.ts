import path from 'node:path'
import { type ChildOptions, root } from '../support/process-child.js'
import { ScenarioChild } from '../support/process-scenario.js'

/** A program of test/hostile/programs: orders on its stdin, words on its stdout, as lines of JSON. */
export class Talker extends ScenarioChild {
  /** @throws (rejects with) its output when the program ends before it has answered */
  order<Value>(word: string, fields: Record<string, unknown> = {}): Promise<Value> {
    const answer = this.heard<Value>(`done ${word}`)
    this.process.stdin?.write(`${JSON.stringify({ word, ...fields })}\n`)
    return answer
  }
}

export function startNode(name: string, input: unknown, options?: ChildOptions): Talker {
  return new Talker([programPath(name), JSON.stringify(input)], options)
}

export function startPython(
  name: string,
  args: readonly (string | number)[],
  program: readonly string[] = ['python3'],
): Talker {
  return new Talker([programPath(name), ...args.map(String)], { program })
}

export function programPath(name: string): string {
  return path.join(root, 'test/hostile/programs', name)
}
