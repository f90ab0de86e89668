import path from 'node:path'
import { conservationProblem } from './conservation.js'
import { Child, type ChildOptions, io, root, WELL } from './process-child.js'

export type JsonEvent = { event: string } & Record<string, unknown>

/** `holdfast` as a process. */
export class Cli extends Child {
  constructor(args: readonly string[], options?: ChildOptions) {
    super([path.join(root, 'dist/cli/main.js'), ...args], options)
  }

  /** The next line, which must be one JSON object, of that event. */
  async event(name: string): Promise<JsonEvent> {
    return JSON.parse(await this.line((line) => JSON.parse(line).event === name))
  }

  get events(): JsonEvent[] {
    return this.lines.map((line) => JSON.parse(line))
  }
}

export function holdfast(...args: string[]): Cli {
  return new Cli(args)
}

/** `holdfast serve` on a free port and on the Io under test. */
export function serve(...args: string[]): Cli {
  return holdfast(...serveArgs(args))
}

function serveArgs(args: readonly string[]): string[] {
  return ['serve', '--port', '0', '--io', io, ...args]
}

export interface Serving {
  child: Cli
  port: number
  listening: JsonEvent
}

/** The same with --json, once it listens. */
export function serving(...args: string[]): Promise<Serving> {
  return servingWith({}, ...args)
}

export async function servingWith(options: ChildOptions, ...args: string[]): Promise<Serving> {
  const child = new Cli(serveArgs(['--json', ...args]), options)
  const listening = await child.event('listening')
  return { child, port: listening.port as number, listening }
}

/** Ends it as its owner would and expects that all went well, and that its last counters add up. */
export async function stop(child: Cli): Promise<void> {
  child.kill('SIGTERM')
  const { code, signal, stderr } = await child.ended
  if (code !== WELL.code || signal !== WELL.signal || stderr !== WELL.stderr) {
    throw new Error(`the server ended with ${code ?? signal}\n${stderr}`)
  }
  const stats = child.lines.filter((line) => line.startsWith('{"event":"stats"')).at(-1)
  const problem = stats === undefined ? null : conservationProblem(JSON.parse(stats))
  if (problem !== null) {
    throw new Error(`the counters do not add up: ${problem}`)
  }
}
