type Parameters = Readonly<Record<string, number>>
type Rule = readonly [pattern: RegExp, words: string]

const policy = 'idle $1 s, interval $2 s, $3 probes'

/** What a scenario's short name says at more length, one after the other. */
const rules: readonly Rule[] = [
  [/, idle$/, '; idle clients'],
  [/, data in flight$/, '; data in flight'],
  [/\bN=(\d+)\b/g, '$1 connections'],
  [/^(\d+) beside (\d+)$/, '$1 clients beside $2 that flood'],
  [/^(\d+) held\b/, '$1 connections held'],
  [/^(\d+) by (FIN|RST)\b/, '$1 connections ended by $2'],
  [/^(\d+) at once$/, '$1 connections at once'],
  [/^(\d+) asked each (\S.*)$/, '$1 connections, each asked every $2'],
  [/^(\d+) that (read|never read|flood|are idle|send)\b/, '$1 clients that $2'],
  [/^(\d+) (gone|slow readers)\b/, '$1 clients, $2'],
  [/ as (\d+)\/(\d+)\/(\d+)/, `, scaled to ${policy}`],
  [/\b(\d+)\/(\d+)\/(\d+)/, policy],
  [/\b1 (probe|connection|client)s\b/g, '1 $1'],
  [/^ping_inline$/, 'PING, as a line'],
  [/^ping_mbulk$/, 'PING, as the protocol has it'],
  [/^set$/, 'SET'],
  [/^get$/, 'GET'],
]

/** A scenario as a reader would call it. In a smoke run it has fewer connections than its name says. */
export function scenarioText(scenario: string, { connections }: Parameters = {}): string {
  const real =
    connections === undefined ? scenario : scenario.replace(/\bN=\d+/, `N=${connections}`)
  const text = rules.reduce((all, [pattern, words]) => all.replace(pattern, words), real)
  return text.replace(/(?<![\d.,:/-])\d{4,}(?![\d.:/-])/g, (digits) =>
    Number(digits).toLocaleString('en'),
  )
}

/** A bench's title; of a smoke run without the size in front, which it did not have. */
export function benchTitle(title: string, isSmoke: boolean): string {
  if (!isSmoke) return title
  return title.replace(/^(?:[\d,]+|A million) (\w)/, (_, letter: string) => letter.toUpperCase())
}
