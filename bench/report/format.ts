/** A number to three places, with groups: 16,104, 24.3, 0.0312. */
export function number(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) || size >= 100) return Math.round(value).toLocaleString('en')
  if (size >= 10) return value.toFixed(1)
  if (size >= 1) return value.toFixed(2)
  if (size >= 0.001) return String(Number(value.toPrecision(3)))
  return value.toExponential(1)
}

/** For ticks, where there is no room: 10k, 2.5M. */
export function short(value: number): string {
  const size = Math.abs(value)
  const scales = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const
  for (const [scale, letter] of scales) {
    if (size >= scale) return `${Number((value / scale).toPrecision(3))}${letter}`
  }
  return String(Number(value.toPrecision(3)))
}

export function quantity(value: number, unit: string): string {
  if (unit === 'bytes' && Math.abs(value) >= 10 * 2 ** 20) {
    const gib = value / 2 ** 30
    return Math.abs(gib) >= 1 ? `${number(gib)} GiB` : `${number(value / 2 ** 20)} MiB`
  }
  if (unit === '') return number(value)
  // Goals differ by hundredths.
  if (unit === '×' && Math.abs(value) < 10) return `${value.toFixed(3)} ×`
  return unit.startsWith('/') ? `${number(value)}${unit}` : `${number(value)} ${unit}`
}

export function period(ms: number): string {
  return ms >= 1000 ? `${number(ms / 1000)} s` : `${number(ms)} ms`
}

const cores = ['disturbance', 'serverBusy', 'loadBusy']
const shares = /(keptRate|ratio|share)$/i
const unitEndings: readonly (readonly [RegExp, string])[] = [
  [/^bytesPerConnection(Per)?Day$/, 'bytes per connection and day'],
  [/PerSecond$|^perSecond$/, '/s'],
  [/Bytes$/, 'bytes'],
  [/Mi[Bb]$/, 'MiB'],
  [/Ns$/, 'ns'],
  [/Us$/, 'µs'],
  [/Ms$/, 'ms'],
  [/Seconds$/, 's'],
  [/Percent$/, '%'],
  [/Cores$/, 'cores'],
]

/** The unit that the name of a figure ends in; empty for a count, whose name says of what. */
export function unitOf(figure: string): string {
  if (cores.includes(figure)) return 'cores'
  if (shares.test(figure)) return '×'
  const [, unit] = unitEndings.find(([pattern]) => pattern.test(figure)) ?? []
  return unit ?? ''
}

/** `besideP99Us` as words, without the unit: beside p99. */
export function wordsOf(figure: string): string {
  if (figure === 'perSecond') return 'operations'
  if (figure.startsWith('bytesPer')) return 'traffic'
  const [ending] = unitEndings.find(([pattern]) => pattern.test(figure)) ?? []
  const bare = cores.includes(figure) || ending === undefined ? figure : figure.replace(ending, '')
  const words = (bare === '' ? figure : bare)
    .replace(/(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[A-Z])/g, ' ')
    .toLowerCase()
  return words
    .replace(/\b(cpu|rss|pss|js|gc|uss)\b/g, (name) => name.toUpperCase())
    .replace(/\bp999\b/, 'p99.9')
}

/** What an axis or a row says: CPU, ns; probes/s. */
export function labelOf(figure: string, words = wordsOf(figure)): string {
  const unit = unitOf(figure)
  if (unit === '') return words
  return unit.startsWith('/') ? `${words}${unit}` : `${words}, ${unit}`
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
