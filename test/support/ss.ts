import { execFileSync } from 'node:child_process'

/** A socket as `ss -tnoi` (iproute2) tells it: a witness that asks nothing of holdfast. */
export interface WitnessedSocket {
  state: string
  remotePort: number
  timer: string
  expiresMs: number
  unanswered: number
  /** Since the last segment heard of the peer. */
  lastAckMs: number
}

/** tcp_timer_str() of misc/ss.c, by our names. */
const TIMERS: Readonly<Record<string, string>> = {
  on: 'retransmit',
  keepalive: 'keepalive',
  timewait: 'time-wait',
  persist: 'window-probe',
}

/** The connections with this local port, by their remote port. */
export function witness(port: number): Map<number, WitnessedSocket> {
  // Not under the sanitizer that the addon's own processes are preloaded with: ss has leaks of its own.
  const env = { ...process.env, LD_PRELOAD: '' }
  const args = ['-tnoiHO', 'sport', '=', `:${port}`]
  const text = execFileSync('ss', args, { encoding: 'utf8', env })
  const sockets = text.split('\n').filter((line) => line !== '')
  return new Map(sockets.map(parse).map((socket) => [socket.remotePort, socket]))
}

function parse(line: string): WitnessedSocket {
  const [state = '', , , , remote = ''] = line.split(/\s+/)
  const [, timer = '', expires = '', unanswered = '0'] =
    /timer:\((\w+),([^,]*),(\d+)\)/.exec(line) ?? []
  return {
    state,
    remotePort: Number(remote.split(':').at(-1)),
    timer: timer === '' ? 'none' : (TIMERS[timer] ?? timer),
    expiresMs: parseMs(expires),
    unanswered: Number(unanswered),
    lastAckMs: Number(/lastack:(\d+)/.exec(line)?.[1] ?? 0),
  }
}

/** print_ms_timer(): 2min5sec, 59sec, and 2.080ms for two seconds and 80 ms. */
function parseMs(text: string): number {
  const part = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0)
  const wholeSeconds = part(/(\d+)sec/) + part(/(\d+)\.\d+ms/)
  return part(/(\d+)min/) * 60_000 + wholeSeconds * 1_000 + part(/(\d+)ms/)
}
