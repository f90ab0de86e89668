import { capitalized, wordsOf } from '../format.js'

/** What a plot of a figure is called, what its axis says, and what one has to know of it. */
export interface FigureWords {
  readonly title: string
  /** Without the unit. */
  readonly axis: string
  readonly note: string
}

type Entry = readonly [title: string, axis: string, better: 'lower' | 'higher', note?: string]

const ofProcess = 'Of the server process: all its threads, user and system time.'
const untilOpen = 'From the first to the moment the last open handler had run.'

const entries: Readonly<Record<string, Entry>> = {
  'accept cpuNs': [
    'CPU to accept and close one connection',
    'CPU per connection',
    'lower',
    ofProcess,
  ],
  'accept perSecond': ['Connections accepted and closed per second', 'connections', 'higher'],
  'accept-storm cpuNs': [
    'CPU to accept one connection of a storm',
    'CPU per connection',
    'lower',
    ofProcess,
  ],
  'accept-storm lastMs': [
    'Time until the last of all was open',
    'time until the last was open',
    'lower',
    untilOpen,
  ],
  'storm cpuNs': ['CPU to end one connection of a storm', 'CPU per ending', 'lower', ofProcess],
  'storm lastMs': [
    'Time until the last cleanup hook had run',
    'time until the last hook had run',
    'lower',
    'From the first ending.',
  ],
  'broadcast cpuNs': [
    'CPU to send one message to one connection',
    'CPU per connection',
    'lower',
    ofProcess,
  ],
  'broadcast heldBytes': [
    'Memory of a message that waits for one who never reads',
    'memory held per connection',
    'lower',
  ],
  'fairness besideP99Us': [
    'Time to the answer beside clients that flood, 99th percentile',
    'time to the answer',
    'lower',
    '99 % of the ping-pong clients’ answers came within it.',
  ],
  'fairness keptRate': [
    'Share of their rate that clients keep beside ones that flood',
    'rate beside flooders / rate alone',
    'higher',
  ],
  'echo cpuNs': ['CPU per echo', 'CPU per echo', 'lower', ofProcess],
  'echo perSecond': ['Echoes per second', 'echoes', 'higher'],
  'sizes cpuNs': ['CPU per echo by message size', 'CPU per echo', 'lower', ofProcess],
  'sizes perSecond': ['Echoes per second by message size', 'echoes', 'higher'],
  'peers cpuNs': [
    'CPU per echo',
    'CPU per echo',
    'lower',
    `${ofProcess} Of a proxy without what stands behind it.`,
  ],
  'peers perSecond': [
    'Echoes per second',
    'echoes',
    'higher',
    'Of a proxy together with what stands behind it.',
  ],
  'keepalive cpuNs': ['CPU to accept one connection', 'CPU per accept', 'lower', ofProcess],
  'keepalive closeCpuNs': ['CPU to close one connection', 'CPU per close', 'lower', ofProcess],
  'keepalive systemCalls': [
    'System calls to accept one connection',
    'system calls per accept',
    'lower',
  ],
  'keepalive setsockoptCalls': [
    'Calls of setsockopt(2) to accept one connection',
    'setsockopt calls per accept',
    'lower',
  ],
  'keepalive closeSystemCalls': [
    'System calls to close one connection',
    'system calls per close',
    'lower',
  ],
  'probes asksPerSecond': [
    'Questions asked per second',
    'questions',
    'higher',
    'As many as the policy means, unless the cores are full.',
  ],
  'probes bytesPerConnectionDay': [
    'Bytes on the wire, both ways',
    'traffic',
    'lower',
    'As frames of Ethernet.',
  ],
  'probes machineCpuCores': ['CPU of the whole machine, both ends', 'CPU', 'lower'],
  'probes serverCpuCores': ['CPU of the servers’ processes', 'CPU', 'lower'],
  'probes softirqCores': ['CPU in no process: the kernel’s own, in softirqs', 'CPU', 'lower'],
  'probes cpuUs': ['CPU of one question and its answer, both ends', 'CPU per question', 'lower'],
  'probes wakeUpsPerSecond': ['Times a second that the servers wake up', 'wake-ups', 'lower'],
  'heartbeat cpuUs': [
    'CPU of one question and its answer, both ends',
    'CPU per question',
    'lower',
    'Of the whole machine, less what it used in the quiet windows before and behind.',
  ],
  'idle residentBytes': [
    'Resident memory of a connection, with its range',
    'resident memory per connection',
    'lower',
    'Of the server’s process.',
  ],
  'http cpuNs': ['CPU per HTTP request', 'CPU per request', 'lower', ofProcess],
  'messages cpuNs': [
    'CPU per message',
    'CPU per message',
    'lower',
    `${ofProcess} Decoded, handed over, and sent back.`,
  ],
  'resp cpuNs': ['CPU per request', 'CPU per request', 'lower', ofProcess],
  'admission cpuNs': [
    'CPU to accept and close one connection',
    'CPU per connection',
    'lower',
    ofProcess,
  ],
  'hostile keptRate': [
    'Share of their rate that clients keep beside hostile ones',
    'rate beside them / rate alone',
    'higher',
  ],
  'liveness cpuPercent': [
    'CPU of watching clients that do not read',
    'CPU of a core',
    'lower',
    ofProcess,
  ],
  'liveness maxMs': [
    'Time until the last dead peer was found',
    'time until the last was found',
    'lower',
    'From the moment the first went deaf.',
  ],
  'deadlines deadlineCpuPercent': ['CPU of keeping all deadlines', 'CPU of a core', 'lower'],
  'inspect wallMs': ['Time of one inspect()', 'time', 'lower', 'The median of many calls.'],
}

export function figureWords(bench: string, figure: string): FigureWords {
  const entry = entries[`${bench} ${figure}`]
  if (entry === undefined) {
    const words = wordsOf(figure)
    return { title: capitalized(words), axis: words, note: '' }
  }
  const [title, axis, better, note = ''] = entry
  return { title, axis, note: `${note} ${betterText[better]}`.trim() }
}

export const betterText = { lower: 'Lower is better.', higher: 'Higher is better.' } as const
