import type { Environment } from './environment.js'
import { noiseNote } from './noise.js'
import { worstOf } from './preflight.js'
import type { Skip } from './requirements.js'
import type { BenchRun, Results } from './results.js'
import { type Described, figureRows, judgementRows, type Rows } from './rows.js'
import { whyNotWhole } from './run-state.js'
import { Samples } from './samples.js'

/** Everything a run has found, as a page; several runs follow one another, each on its machine. */
export function renderMarkdown(files: readonly Results[], known: readonly Described[]): string {
  return `# Benchmark results\n\n${files.map((results) => renderRun(results, known)).join('\n')}`
}

function renderRun(results: Results, known: readonly Described[]): string {
  const { environment, quick, skipped, judgements, benches } = results
  const notWhole = whyNotWhole(results)
  const samples = new Samples(results.samples)
  const parts = [
    `## ${environment.date.slice(0, 16).replace('T', ' ')} UTC, ${escaped(environment.host)}`,
    ...(notWhole === undefined ? [] : [`**Not whole: ${escaped(notWhole)}.**`]),
    ...(quick ? ['A smoke run: counts and checksums hold, no figure means anything.'] : []),
    drawMarkdown(environmentRows(environment)),
    noiseNote(results.samples),
    ...(judgements.length === 0 ? [] : ['### Goals', drawMarkdown(judgementRows(judgements))]),
    ...(skipped.length === 0 ? [] : ['### Skipped', drawMarkdown(skipRows(skipped))]),
    ...benches.flatMap((run) => renderBench(run, results, samples, known)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function renderBench(
  run: BenchRun,
  results: Results,
  samples: Samples,
  known: readonly Described[],
): string[] {
  const described = known.find(({ name }) => name === run.name) ?? {
    name: run.name,
    contestants: [],
    columns: [],
  }
  const rounds = run.rounds === 1 ? 'one round' : `${run.rounds} rounds`
  const took = run.state === 'waiting' ? 'not begun' : `${rounds}, ${run.seconds.toFixed(0)} s`
  const state = run.state === 'complete' || run.state === 'waiting' ? '' : `, ${run.state}`
  const at = run.step === undefined ? '' : ` in ${run.step}`
  const micro = run.name === 'micro' && results.micro.length > 0 ? [microRows(results)] : []
  return [
    `### ${run.name}: ${escaped(run.title)}`,
    `${took}${state}${escaped(at)}. Medians of the rounds, smallest and largest in brackets.`,
    ...(run.error === undefined ? [] : [`\`\`\`\n${run.error.replaceAll('```', "'''")}\n\`\`\``]),
    ...[...figureRows(described, samples), ...micro].map(drawMarkdown),
  ]
}

function environmentRows(environment: Environment): Rows {
  const { sysctl, pinned } = environment
  const rows = [
    ['CPU', `${environment.cpu}, ${environment.cores} cores`],
    ['pinned', `server on core ${pinned.server}, load on core ${pinned.load}`],
    ['memory', `${(environment.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['kernel', environment.kernel],
    ['Node', environment.node],
    ['commit', `${environment.commit}${environment.uncommittedChanges ? ', with changes' : ''}`],
    ['governor, clock source', `${environment.governor}, ${environment.clocksource}`],
    ['congestion control', environment.congestionControl],
    ['descriptors a process', environment.descriptorsPerProcess],
    ['load average', environment.loadAverage.map((load) => load.toFixed(2)).join(', ')],
    ...Object.entries(sysctl).map(([name, value]) => [name, value.replaceAll('\t', ' ')]),
  ]
  return { head: ['environment', ''], rows }
}

/** A line for each bench and what it has too little of, with what is enough for all its scenarios. */
function skipRows(skips: readonly Skip[]): Rows {
  const benches = [...new Set(skips.map(({ bench }) => bench))]
  return {
    head: ['bench', 'scenario', 'too little of', 'needs', 'has', 'to raise it'],
    rows: benches.flatMap((bench) => {
      const own = skips.filter((skip) => skip.bench === bench)
      const kinds = new Set(own.flatMap(({ shortages }) => shortages.map(({ what }) => what)))
      return [...kinds].map((what) => {
        const short = own.filter(({ shortages }) => shortages.some((it) => it.what === what))
        const of = short.flatMap(({ shortages }) => shortages.filter((it) => it.what === what))
        const { needed = '', have = '', raise = '' } = worstOf(of) ?? {}
        const needs = new Set(of.map((it) => it.needed)).size > 1 ? `up to ${needed}` : needed
        return [bench, short.map(({ scenario }) => scenario).join('; '), what, needs, have, raise]
      })
    }),
  }
}

function microRows({ micro }: Results): Rows {
  return {
    head: ['suite', 'operation', 'ns/operation', '± %'],
    rows: micro.map(({ suite, name, nsPerOperation, errorPercent }) => [
      ...[suite, name],
      ...[nsPerOperation.toFixed(1), errorPercent.toFixed(1)],
    ]),
  }
}

export function drawMarkdown({ head, rows }: Rows): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

function escaped(text: string): string {
  return text.replace(/[\\|<>]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ')
}
