import { createInterface } from 'node:readline'
import { catalogue } from './catalogue.js'
import { runScenario } from './run.js'
import type { Family, IoKind, Result } from './scenario.js'

// The process that runs scenarios, in namespaces of its own (access.ts starts it there). Requests
// come as lines of JSON on stdin, answers go as lines of JSON to stdout. It ends when its stdin does.

export interface Request {
  id: number
  scenario: string
  io: IoKind
  family: Family
}

export type Answer = { id: number } & ({ result: Result } | { error: string })

async function answer({ id, scenario, io, family }: Request): Promise<Answer> {
  const found = catalogue.find(({ name }) => name === scenario)
  if (found === undefined) return { id, error: `no scenario ${scenario}` }
  try {
    return { id, result: await runScenario(found, io, family) }
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Request))}\n`)
  })
  .on('close', () => process.exit())
