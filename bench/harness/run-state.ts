import type { Results } from './results.js'

/** Why a run is not whole, by the names of its benches; undefined of a complete one. */
export function whyNotWhole({ state, benches }: Pick<Results, 'state' | 'benches'>) {
  const failed = benches.filter((bench) => bench.state === 'failed').map(({ name }) => name)
  const failures = failed.length === 0 ? '' : `failed: ${failed.join(', ')}`
  const cut = benches.find((bench) => bench.state === 'partial')
  const where = cut && [cut.name, cut.step].filter((it) => it !== undefined).join(', ')
  const ended = {
    complete: '',
    failed: failures === '' ? 'failed' : '',
    running: where === undefined ? 'under way, or killed' : `under way, or killed, in ${where}`,
    interrupted: where === undefined ? 'interrupted' : `interrupted in ${where}`,
  }[state]
  const all = [ended, failures].filter((text) => text !== '')
  return all.length === 0 ? undefined : all.join('; ')
}
