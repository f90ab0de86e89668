import { writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { accept } from './cases/accept.js'
import { admission } from './cases/admission.js'
import { broadcast } from './cases/broadcast.js'
import { deadlines } from './cases/deadlines.js'
import { echo } from './cases/echo.js'
import { fairness } from './cases/fairness.js'
import { heartbeat } from './cases/heartbeat.js'
import { hold } from './cases/hold.js'
import { hostile } from './cases/hostile.js'
import { http } from './cases/http.js'
import { idle } from './cases/idle.js'
import { inspection } from './cases/inspection.js'
import { liveness } from './cases/liveness.js'
import { messages } from './cases/messages.js'
import { million } from './cases/million.js'
import { probes } from './cases/probes.js'
import { resp } from './cases/resp.js'
import { storm } from './cases/storm.js'
import { type Arguments, readArguments, UsageError, usage } from './harness/arguments.js'
import { buildNative, buildServers, missingTools } from './harness/build.js'
import * as contestants from './harness/contestants.js'
import { type Context, runBench } from './harness/context.js'
import { chooseCores, pinHarness } from './harness/cores.js'
import { recordEnvironment } from './harness/environment.js'
import { type Judgement, judge } from './harness/judging.js'
import { noiseNote } from './harness/noise.js'
import { Samples } from './harness/samples.js'
import { figuresTable, judgementTable } from './harness/table.js'

/** What runs unless others are asked for by name: those take minutes, or very many processes. */
const standard = [echo, accept, idle, fairness]
const benches = [
  ...standard,
  ...[http, messages, resp, liveness, inspection, broadcast, storm, admission, deadlines, hostile],
  ...[probes, heartbeat, hold, million],
]
const benchNames = benches.map(({ name }) => name)
const serverNames = contestants.all.map(({ name }) => name)

/** The exit status: 0 all targets reached, 1 one missed or a failure, 2 a wrong option. */
async function main(): Promise<number> {
  const args = readArguments(
    process.argv.slice(2),
    { benches: [...benchNames, 'micro'], servers: serverNames },
    { full: standard.map(({ name }) => name), quick: benchNames },
  )
  const cores = chooseCores()
  const environment = recordEnvironment(cores)
  const micro = args.names.includes('micro')
    ? (await import('./micro/main.js')).measureMicro(args.quick)
    : []
  if (args.names.every((name) => name === 'micro')) {
    writeResults(args, { environment, micro })
    return 0
  }
  const missing = missingTools(args.names)
  if (missing !== undefined) {
    console.error(missing)
    // A developer's machine may do without; CI must not skip what it is there to check.
    return args.quick && process.env.CI === undefined ? 0 : 1
  }
  buildNative()
  buildServers()
  if (cores.server === cores.load && !args.quick) {
    console.error('one core only: the server and the load generator need one each')
    return 1
  }
  pinHarness(cores)
  const context: Context = {
    cores,
    rounds: args.rounds,
    quick: args.quick,
    full: false,
    samples: new Samples(),
    taking: new Set(args.servers ?? serverNames),
    runs: () => true,
  }
  const judgements = await measureAndJudge(args, context)
  writeResults(args, { environment, judgements, samples: context.samples.all, micro })
  return judgements.every(({ passed }) => passed) ? 0 : 1
}

function writeResults(args: Arguments, results: object): void {
  if (args.jsonFile === undefined) return
  writeFileSync(args.jsonFile, `${JSON.stringify({ arguments: args, ...results }, undefined, 2)}\n`)
}

async function measureAndJudge(args: Arguments, context: Context): Promise<Judgement[]> {
  const judgements: Judgement[] = []
  for (const bench of benches.filter(({ name }) => args.names.includes(name))) {
    await runBench(bench, context)
    console.log(`${figuresTable(bench, context.samples)}\n`)
    if (!args.quick) judgements.push(...judge(context.samples, bench.name))
  }
  const checksums = context.samples.all.flatMap(({ checksum }) => checksum ?? [])
  if (checksums.length > 0) {
    console.log(
      `every echoed byte verified in ${checksums.length} samples; the last: ${checksums.at(-1)}`,
    )
  }
  console.log(noiseNote(context.samples))
  if (args.quick) console.log('a smoke run: counts and checksums hold, no figure was judged')
  else console.log(judgementTable(judgements))
  return judgements
}

try {
  process.exitCode = await main()
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`)
    process.exitCode = 2
  } else {
    console.error(inspect(error))
    process.exitCode = 1
  }
}
