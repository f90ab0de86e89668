import type { BenchRun, Results } from '../harness/results.js'

/** Why the figures of a bench are not all there; undefined where they are. */
export function troubleOf(run: Results, bench: string): string | undefined {
  const found = run.benches.find(({ name }) => name === bench)
  if (found?.state === 'failed') {
    return found.error === undefined ? 'failed' : `failed: ${found.error}`
  }
  if (found?.state !== 'partial') return undefined
  const { step } = found
  const rounds = new Set(run.samples.filter((it) => it.bench === bench).map(({ round }) => round))
  const ended = run.state === 'interrupted' ? 'interrupted' : 'not finished'
  return `${ended}${step === undefined ? '' : ` in ${step}`}, with figures of ${rounds.size} of ${found.rounds} rounds`
}

/** Of a run that is not whole, which benches are not, in a sentence; empty for one that is whole. */
export function stateText(run: Results): string {
  const named = (state: BenchRun['state']): string =>
    run.benches.flatMap((it) => (it.state === state ? it.name : [])).join(', ')
  const within = named('partial') === '' ? '' : ` in ${named('partial')}`
  const failed = named('failed') === '' ? '' : `Failed: ${named('failed')}.`
  const texts: Record<Results['state'], string> = {
    complete: '',
    running: `The run is under way${within}, or was killed.`,
    interrupted: `The run was interrupted${within}.`,
    failed: failed === '' ? 'The run failed.' : '',
  }
  const text = [texts[run.state], failed].filter((it) => it !== '').join(' ')
  return text === '' ? '' : `${text} What it had measured by then is shown.`
}
