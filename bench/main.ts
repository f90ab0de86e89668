import { inspect } from 'node:util'
import { compareFiles } from './compare/main.js'
import { type RunArguments, readArguments, UsageError } from './harness/arguments.js'
import * as contestants from './harness/contestants.js'
import type { Bench } from './harness/context.js'
import { isGood } from './harness/judging.js'
import { renderMarkdown } from './harness/markdown.js'
import { prepareOutput } from './harness/output.js'
import { durations, isMicro } from './harness/parts.js'
import type { Results } from './harness/results.js'
import { readResults, writeWhole } from './harness/results-file.js'
import { describeOutcome, run } from './harness/run.js'
import { supersede } from './harness/supersede.js'
import { renderReport } from './report/report.js'
import { suite } from './suite.js'

const benches = suite.map(({ bench }) => bench)
const known = benches.filter((bench): bench is Bench => !isMicro(bench))

/**
 * The exit status: 0 every goal of the contestants that took part was reached, 1 one was missed or
 * could not be judged, or a bench failed, 2 a wrong option or file, 130 interrupted.
 */
async function main(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv, {
    benches: benches.map(({ name }) => name),
    durations: durations(suite),
    servers: contestants.all.map(({ name }) => name),
  })
  switch (args.kind) {
    case 'help':
      return 0
    case 'compare':
      console.log(compareFiles(args.before, args.after, known))
      return 0
    case 'report': {
      const files = supersede(args.files.map(readResults))
      const base = args.out ?? (args.files[0] ?? '').replace(/\.json$/, '')
      // Pages are made again whenever they are asked for.
      prepareOutput(base, true)
      writePages(base, files)
      return 0
    }
    case 'run':
      return runAndWrite(args, argv)
  }
}

async function runAndWrite(args: RunArguments, argv: readonly string[]): Promise<number> {
  const outcome = await run(args, suite, argv)
  // A developer's machine may do without a tool; CI must not skip what it is there to check.
  if (outcome === undefined) return args.quick && process.env.CI === undefined ? 0 : 1
  const { results, base } = outcome
  const text = describeOutcome(results)
  if (text !== '') console.log(text)
  if (base !== undefined) {
    writePages(base, [results])
    console.log(`written: ${base}.json, .md, .html`)
  }
  if (results.state === 'interrupted') return 130
  return results.state === 'complete' && results.judgements.every(isGood) ? 0 : 1
}

/** What people read of results. */
function writePages(base: string, files: readonly Results[]): void {
  writeWhole(`${base}.md`, renderMarkdown(files, known))
  writeWhole(`${base}.html`, renderReport(files))
}

/** What is written to a pipe may still be on its way. */
async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise((resolve) => stream.write('', resolve))
}

let status: number
try {
  status = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof UsageError ? error.message : inspect(error))
  status = error instanceof UsageError ? 2 : 1
}
await flushed(process.stdout)
await flushed(process.stderr)
// What a bench waits for may outlive an interrupted run; its children do not.
process.exit(status)
