import { noiseNote } from '../../harness/noise.js'
import type { Results } from '../../harness/results.js'
import { suite } from '../../suite.js'
import { type Content, type Html, html } from '../html.js'
import { tableHtml } from '../table.js'
import { stateText } from '../troubles.js'

/** What this is, where it was measured, and whether the runs came to their end. */
export function headHtml(runs: readonly Results[]): Html {
  return html`<header><h1>What holding connections costs</h1>
<p>Measurements of holdfast, TCP servers on Node that hold very many connections, beside the same work in C and on node:net, in the same runs. Every received byte was checked and every count asserted; how, and where it ends, stands under <a href="#method">method and limits</a>.</p>
${runs.map(notices)}
${environments(runs)}
${notRun(runs)}
</header>`
}

function notices(run: Results): Content {
  const noise = noiseNote(run.samples)
  const { date, host } = run.environment
  const lines = [
    stateText(run),
    run.quick ? 'A smoke run: sizes are tiny, and its figures say nothing about speed.' : '',
    noise.startsWith('NOISY') ? noise : '',
  ].filter((line) => line !== '')
  if (lines.length === 0) return ''
  const of = `${date.slice(0, 16).replace('T', ' ')} UTC, ${host}`
  return html`<div class="notice" role="note">${of}<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`
}

/** What the suite has and these runs have not: a standard run leaves out what takes long. */
function notRun(runs: readonly Results[]): Content {
  const have = new Set(runs.flatMap(({ benches }) => benches.map(({ name }) => name)))
  const asked = new Set(runs.flatMap(({ command }) => command))
  const absent = suite.flatMap(({ bench }) => (have.has(bench.name) ? [] : bench.name))
  const inPart = suite.flatMap(({ bench, fullSecondsPerRound }) =>
    fullSecondsPerRound !== undefined && have.has(bench.name) && !asked.has(bench.name)
      ? bench.name
      : [],
  )
  const lines = [
    absent.length === 0 ? '' : `Not run: ${absent.join(', ')}.`,
    inPart.length === 0 ? '' : `Not in all sizes: ${inPart.join(', ')}.`,
  ].filter((line) => line !== '')
  if (lines.length === 0) return ''
  return html`<p class="note">${lines.join(' ')} <code>npm run bench -- NAME</code> runs one with all that it has.</p>`
}

function environments(runs: readonly Results[]): Html {
  const rows: [string, (run: Results) => string][] = [
    ['state', ({ state, quick }) => (quick ? `${state}, smoke run` : state)],
    ['benches', ({ benches }) => benches.map(({ name }) => name).join(', ')],
    ['CPU', ({ environment: it }) => `${it.cpu}, ${it.cores} cores`],
    ['pinned', ({ environment: { pinned } }) => `server ${pinned.server}, load ${pinned.load}`],
    ['memory', ({ environment: it }) => `${(it.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['kernel', ({ environment: it }) => it.kernel],
    ['Node', ({ environment: it }) => it.node],
    ['commit', ({ environment: it }) => commitText(it)],
    ['congestion control', ({ environment: it }) => it.congestionControl],
    ['governor, clock', ({ environment: it }) => `${it.governor}, ${it.clocksource}`],
    ['descriptors a process', ({ environment: it }) => it.descriptorsPerProcess],
    [
      'load before',
      ({ environment: it }) => it.loadAverage.map((load) => load.toFixed(2)).join(' '),
    ],
    ['other work meanwhile', (run) => noiseNote(run.samples) || 'not measured'],
  ]
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.environment.sysctl)))]
  const sysctls = names.map((name) => [
    name,
    ...runs.map((run) => run.environment.sysctl[name] ?? 'not recorded'),
  ])
  const head = runs.map(
    ({ environment: { date, host } }) => `${date.slice(0, 16).replace('T', ' ')} UTC, ${host}`,
  )
  const left = runs.map((_, at) => at + 1)
  const body = rows.map(([name, of]) => [name, ...runs.map(of)])
  return html`${tableHtml({ head: ['measured', ...head], rows: body, left })}
<details><summary>Settings of the kernel</summary>${tableHtml({ head: ['sysctl', ...head], rows: sysctls, left })}</details>`
}

function commitText({ commit, uncommittedChanges }: Results['environment']): string {
  return `${commit.slice(0, 12)}${uncommittedChanges ? ', with uncommitted changes' : ''}`
}
