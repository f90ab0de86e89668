import type { PortSocket } from '../core/socket-row.js'
import { amount, type KeepaliveSeen, keepaliveSeen, seconds, suspicions } from './suspects.js'

export interface JudgedSocket {
  socket: PortSocket
  keepalive: KeepaliveSeen
  /** Why its peer may be gone; empty: no suspect. */
  suspect: string[]
}

/** Suspects first, then the longest silent first. */
export function judge(sockets: readonly PortSocket[], suspectAfterMs: number): JudgedSocket[] {
  const judged = sockets.map((socket) => ({
    socket,
    keepalive: keepaliveSeen(socket),
    suspect: suspicions(socket, suspectAfterMs),
  }))
  const rank = ({ suspect }: JudgedSocket): number => (suspect.length > 0 ? 0 : 1)
  const silence = ({ socket }: JudgedSocket): number => socket.silentMs ?? -1
  return judged.sort((a, b) => rank(a) - rank(b) || silence(b) - silence(a))
}

/** One object per connection, then a summary. The names are a contract that scripts rely on. */
export function* socketsAsJson(port: number, judged: readonly JudgedSocket[]): Generator<string> {
  for (const { socket, keepalive, suspect } of judged) {
    yield JSON.stringify({ event: 'connection', ...socket, keepalive, suspect })
  }
  yield JSON.stringify({
    event: 'summary',
    port,
    connections: judged.length,
    suspects: suspectsAmong(judged),
  })
}

const HEADINGS = 'REMOTE,STATE,KEEPALIVE,TIMER,HEARD,UNACKED,NOT SENT,RTT,SUSPECT'.split(',')

/** A table for people, and a line that counts. */
export function* socketsAsText(port: number, judged: readonly JudgedSocket[]): Generator<string> {
  const rows = judged.map(columns)
  const widths = HEADINGS.map((heading, at) =>
    rows.reduce((width, row) => Math.max(width, (row[at] as string).length), heading.length),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] as number))
      .join('  ')
      .trimEnd()
  if (rows.length === 0) {
    yield `no connection found on local port ${port}: nobody is connected to it, or it is the wrong port`
    return
  }
  yield line(HEADINGS)
  for (const row of rows) {
    yield line(row)
  }
  const connections = amount(rows.length, 'connection')
  yield `${connections} on local port ${port}, ${amount(suspectsAmong(judged), 'suspect')}`
}

function columns({ socket, keepalive, suspect }: JudgedSocket): string[] {
  const { timer, tcp } = socket
  return [
    endpoint(socket.remoteAddress, socket.remotePort),
    socket.state ?? 'unknown',
    keepalive === 'hidden' ? `hidden by ${timer.kind}` : keepalive,
    timer.kind === 'none' ? 'none' : `${timer.kind} in ${seconds(timer.expiresMs)}`,
    socket.silentMs === null ? 'unknown' : `${seconds(socket.silentMs)} ago`,
    orUnknown(tcp?.unackedSegments, 'segment'),
    orUnknown(tcp?.notSentBytes, 'byte'),
    tcp === null || tcp.rttUs === null ? 'unknown' : `${(tcp.rttUs / 1000).toFixed(2)} ms`,
    suspect.join('; '),
  ]
}

function orUnknown(value: number | null | undefined, unit: string): string {
  return value === null || value === undefined ? 'unknown' : amount(value, unit)
}

function suspectsAmong(judged: readonly JudgedSocket[]): number {
  return judged.filter(({ suspect }) => suspect.length > 0).length
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
