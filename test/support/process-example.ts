import path from 'node:path'
import { expect } from 'vitest'
import { type Client, connectClient } from './client.js'
import { Child } from './process-child.js'
import { atTestEnd } from './process-scope.js'

export interface RunningExample {
  child: Child
  port: number
}

/** An example as a user runs it, once it listens. */
export async function runExample(
  example: string,
  env: NodeJS.ProcessEnv = {},
): Promise<RunningExample> {
  const child = new Child(['--import', 'tsx', path.join('examples', example)], { env })
  const ready = await child.line()
  expect(ready).toMatch(/^listening on 127\.0\.0\.1:\d+$/)
  return { child, port: Number(ready.split(':').at(-1)) }
}

export async function dial(port: number): Promise<Client> {
  const client = await connectClient(port)
  atTestEnd(() => client.destroy())
  return client
}

/** Another program from beginning to end; it must go well. Returns its stdout. */
export async function runTool(program: string, ...args: string[]): Promise<string> {
  const { code, stderr, stdout } = await new Child(args, { program: [program] }).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}
