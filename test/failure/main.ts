import { readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import path from 'node:path'
import { explain, findAccess } from './access.js'
import { Laboratory, root } from './client.js'
import { boundOf } from './judge.js'
import { everyRun, longestFirst, type Run, titleOf } from './plan.js'
import type { Result } from './scenario.js'
import { markdownTable, printTable } from './table.js'

// npm run test:failure -- [--write] [words of a scenario's name ...]
// Runs every scenario whose name has all the words and prints the table. --write: all of them, and
// into the reference. Exit code 1 when one went wrong, 2 when the laboratory cannot run here.

const AT_ONCE = 28

const REFERENCE = path.join(root, 'docs/reference/failure-scenarios.md')
const BEGIN = '<!-- measured: begin -->'
const END = '<!-- measured: end -->'

async function main(args: readonly string[]): Promise<number> {
  const write = args.includes('--write')
  const words = args.filter((arg) => arg !== '--write')
  const unknown = words.find((word) => word.startsWith('-'))
  if (unknown !== undefined) {
    console.error(
      `unknown option ${unknown}; npm run test:failure -- [--write] [words of a name ...]`,
    )
    return 2
  }
  if (write && words.length > 0) {
    console.error('--write goes with every scenario, so without words')
    return 2
  }
  const runs = everyRun().filter((run) => words.every((word) => titleOf(run).includes(word)))
  if (runs.length === 0) {
    console.error(`no scenario has all of these in its name: ${words.join(', ')}`)
    return 2
  }
  const access = await findAccess()
  if (typeof access !== 'string') {
    console.error(explain(access))
    return 2
  }
  const laboratory = new Laboratory(access)
  const results = new Map<Run, Result>()
  try {
    await sideBySide(longestFirst(runs), async (run) => {
      results.set(run, await resultOf(laboratory, run))
    })
  } finally {
    await laboratory.close()
  }
  const inOrder = runs.flatMap((run) => results.get(run) ?? [])
  console.log(printTable(inOrder))
  const wrong = inOrder.filter(({ problems }) => problems.length > 0)
  console.log(`\n${inOrder.length} runs as ${access}, ${wrong.length} went wrong`)
  if (wrong.length > 0) return 1
  if (write) writeReference(inOrder)
  return 0
}

/** A failure of the laboratory itself is a row too: the other rows are worth having. */
async function resultOf(laboratory: Laboratory, { scenario, io, family }: Run): Promise<Result> {
  try {
    return await laboratory.run(scenario.name, io, family)
  } catch (error) {
    const problems = [String(error instanceof Error ? error.message : error)]
    const nothing = { reason: null, code: null, afterCutMs: null, heardMs: null }
    const boundMs = boundOf(scenario)
    return { scenario: scenario.name, io, family, ...nothing, boundMs, seen: '', problems }
  }
}

async function sideBySide(runs: readonly Run[], each: (run: Run) => Promise<void>): Promise<void> {
  const left = [...runs]
  const worker = async (): Promise<void> => {
    for (let run = left.shift(); run !== undefined; run = left.shift()) await each(run)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Replaces what stands between the marks; the prose around them is written by hand. */
function writeReference(results: readonly Result[]): void {
  const text = readFileSync(REFERENCE, 'utf8')
  const [head, rest] = text.split(BEGIN)
  const tail = rest?.split(END)[1]
  if (head === undefined || tail === undefined) throw new Error(`${REFERENCE} has lost its marks`)
  const date = new Date().toISOString().slice(0, 10)
  const basis = `Measured on ${date}: Linux ${release()}, Node ${process.versions.node}.`
  writeFileSync(
    REFERENCE,
    `${head}${BEGIN}\n\n${basis}\n\n${markdownTable(results)}\n\n${END}${tail}`,
  )
  console.log(`written: ${path.relative(root, REFERENCE)}`)
}

process.exitCode = await main(process.argv.slice(2))
