import type { BenchRun, Results } from './results.js'
import type { Sample } from './samples.js'

/**
 * Several runs, by date: of what a contestant did in a scenario the newest run that has it counts,
 * alone. Their rounds are numbered through, so that no ratio is taken across two runs.
 */
export function supersede(files: readonly Results[]): Results[] {
  const runs = [...files].sort((a, b) => a.environment.date.localeCompare(b.environment.date))
  let rounds = 0
  return runs.map((results, at) => {
    const later = runs.slice(at + 1)
    const again = new Set(later.flatMap(({ samples }) => samples.map(keyOf)))
    const measured = new Set(later.flatMap(({ samples }) => samples.map(scenarioOf)))
    const kept = results.samples.filter((sample) => !again.has(keyOf(sample)))
    const samples = kept.map((sample) => ({ ...sample, round: rounds + sample.round }))
    rounds = Math.max(rounds, ...samples.map(({ round }) => round + 1))
    const judged = new Set(later.flatMap(({ judgements }) => judgements.filter(tells).map(goalOf)))
    return {
      ...results,
      benches: results.benches.filter((bench) => isStillThere(bench, kept, later)),
      skipped: results.skipped.filter((skip) => !measured.has(scenarioOf(skip))),
      samples,
      judgements: results.judgements.filter((judgement) => !judged.has(goalOf(judgement))),
      micro: later.some(({ micro }) => micro.length > 0) ? [] : results.micro,
    }
  })
}

const scenarioOf = ({ bench, scenario }: { bench: string; scenario: string }): string =>
  `${bench}\n${scenario}`
const keyOf = (sample: Sample): string => `${scenarioOf(sample)}\n${sample.contestant}`

type Judgement = Results['judgements'][number]
const goalOf = ({ bench, title, of }: Judgement): string => `${bench}\n${title}\n${of}`
/** A goal that a later run left out or could not measure says nothing against an earlier one. */
const tells = ({ measured, verdict }: Judgement): boolean =>
  measured != null || verdict === 'not judged'

/** Of a bench that was measured again altogether, an earlier run says nothing more. */
function isStillThere(bench: BenchRun, kept: readonly Sample[], later: readonly Results[]) {
  if (kept.some((sample) => sample.bench === bench.name)) return true
  const isAgain = (run: Results): boolean =>
    run.samples.some((sample) => sample.bench === bench.name) ||
    (bench.name === 'micro' && run.micro.length > 0)
  return !later.some(isAgain)
}
