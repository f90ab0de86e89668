import type { Results } from '../harness/results.js'

/** What only one of two runs has, one line each: whole benches before their parts. */
export function onlyInOne(before: Results, after: Results): string[] {
  return [...missingFrom(after, before, 'A', 'B'), ...missingFrom(before, after, 'B', 'A')]
}

function missingFrom(lacking: Results, having: Results, has: string, hasNot: string): string[] {
  const known = new Set(lacking.samples.flatMap(pathsOf))
  const lost = new Set<string>()
  for (const path of having.samples.flatMap(pathsOf)) {
    const isPartOfLost = [...lost].some((above) => path.startsWith(`${above}\n`))
    if (!known.has(path) && !isPartOfLost) lost.add(path)
  }
  const benches = new Map<string, string[]>()
  const parts: string[] = []
  for (const path of lost) {
    const [bench = '', scenario, ...rest] = path.split('\n')
    const why = whyMissing(lacking, hasNot, bench, scenario)
    if (scenario === undefined) benches.set(why, [...(benches.get(why) ?? []), bench])
    else parts.push([`only in ${has}: ${bench}: ${scenario}`, ...rest].join(', ') + why)
  }
  const whole = [...benches].map(([why, names]) => `only in ${has}: ${names.join(', ')}${why}`)
  return [...whole, ...parts]
}

/** A bench, its scenario, a contestant there, a figure of it. */
function pathsOf({ bench, scenario, contestant, figures }: Results['samples'][number]): string[] {
  const above = [bench, `${bench}\n${scenario}`, `${bench}\n${scenario}\n${contestant}`]
  return [...above, ...Object.keys(figures).map((figure) => `${above.at(-1)}\n${figure}`)]
}

/** What the run that has it not says of it. */
function whyMissing(results: Results, name: string, bench: string, scenario?: string): string {
  const isSkipped = results.skipped.some(
    (skip) => skip.bench === bench && (scenario === undefined || skip.scenario === scenario),
  )
  if (isSkipped) return ` (skipped in ${name})`
  const state = results.benches.find((run) => run.name === bench)?.state
  if (state === undefined) return ` (not asked for in ${name})`
  return state === 'complete' ? '' : ` (${state} in ${name})`
}
