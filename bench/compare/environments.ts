import type { Environment } from '../harness/environment.js'
import { noiseNote } from '../harness/noise.js'
import type { Results } from '../harness/results.js'

/** What makes two runs hard to compare, one line each. */
export function differences(before: Results, after: Results): string[] {
  const a = before.environment
  const b = after.environment
  const sysctls = [...new Set([...Object.keys(a.sysctl), ...Object.keys(b.sysctl)])]
  const compared: [what: string, read: (environment: Environment) => unknown][] = [
    ['host', ({ host }) => host],
    ['CPU', ({ cpu }) => cpu],
    ['cores', ({ cores }) => cores],
    ['kernel', ({ kernel }) => kernel],
    ['Node', ({ node }) => node],
    ['governor', ({ governor }) => governor],
    ['clock source', ({ clocksource }) => clocksource],
    ['congestion control', ({ congestionControl }) => congestionControl],
    ...sysctls.map((name): [string, (environment: Environment) => unknown] => [
      name,
      ({ sysctl }) => sysctl[name] ?? 'not recorded',
    ]),
  ]
  const changed = compared
    .filter(([, read]) => read(a) !== read(b))
    .map(([what, read]) => `${what}: ${shown(read(a))}, then ${shown(read(b))}`)
  const unfinished = [before, after].flatMap(({ state, quick, samples }, at) => {
    const run = at === 0 ? 'A' : 'B'
    const noise = noiseNote(samples)
    return [
      ...(state === 'complete' ? [] : [`${run} is ${state}`]),
      ...(quick ? [`${run} is a smoke run: nothing it says of speed counts`] : []),
      ...(noise.startsWith('NOISY') ? [`${run} is ${noise}`] : []),
    ]
  })
  return [...changed, ...unfinished]
}

const shown = (value: unknown): string => String(value).replace(/\s+/g, ' ')
