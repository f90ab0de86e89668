/** What is wrong with the shape of a results file, by its place in it; undefined where nothing is. */
export function shapeProblem(value: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ['command', ...Object.keys(lists)]) {
    if (!Array.isArray(value[name])) return `${name}: expected a list`
  }
  if (!isRecord(value.environment)) return 'environment: expected an object'
  if (!states.includes(value.state)) return `state: expected one of ${states.join(', ')}`
  return (
    fieldProblem('environment', value.environment, ofEnvironment) ??
    Object.entries(lists)
      .flatMap(([name, fields]) =>
        (value[name] as unknown[]).map((item, at) => fieldProblem(`${name}[${at}]`, item, fields)),
      )
      .find((problem) => problem !== undefined)
  )
}

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'list' | 'figures'
type Fields = Readonly<Record<string, Kind>>

const states: readonly unknown[] = ['running', 'complete', 'interrupted', 'failed']

/** What pages and comparisons read without asking. */
const ofEnvironment: Fields = {
  ...{ date: 'string', host: 'string', commit: 'string', cpu: 'string', cores: 'number' },
  ...{ pinned: 'object', memoryBytes: 'number', kernel: 'string', node: 'string' },
  ...{ governor: 'string', clocksource: 'string', congestionControl: 'string' },
  ...{ sysctl: 'object', descriptorsPerProcess: 'string', loadAverage: 'list' },
}

const lists: Readonly<Record<string, Fields>> = {
  benches: {
    name: 'string',
    title: 'string',
    rounds: 'number',
    state: 'string',
    seconds: 'number',
  },
  skipped: { bench: 'string', scenario: 'string', shortages: 'list' },
  samples: {
    ...{ bench: 'string', scenario: 'string', contestant: 'string', round: 'number' },
    figures: 'figures',
  },
  judgements: {
    bench: 'string',
    title: 'string',
    of: 'string',
    limit: 'string',
    passed: 'boolean',
  },
  micro: { suite: 'string', name: 'string', nsPerOperation: 'number', errorPercent: 'number' },
}

function fieldProblem(place: string, value: unknown, fields: Fields): string | undefined {
  if (!isRecord(value)) return `${place}: expected an object`
  const wrong = Object.entries(fields).find(([name, kind]) => !isOf(kind, value[name]))
  if (wrong === undefined) return undefined
  const [name, kind] = wrong
  return `${place}.${name}: expected ${kind === 'figures' ? 'numbers by name' : `a ${kind}`}`
}

function isOf(kind: Kind, value: unknown): boolean {
  if (kind === 'object') return isRecord(value)
  if (kind === 'list') return Array.isArray(value)
  // JSON has null for what was no number.
  if (kind === 'figures') {
    return isRecord(value) && Object.values(value).every((it) => it === null || isOf('number', it))
  }
  return typeof value === kind
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
