import {
  ADDRESS_BYTES,
  EVIDENCE,
  EVIDENCE_FIELDS,
  type EvidenceField,
  SOCKET,
  SOCKET_EVIDENCE,
  SOCKET_ROW_WORDS,
  SOCKET_TIMERS,
  type SocketField,
} from '../../lib/native/records.js'

export interface FakeRow {
  fields?: Partial<Record<SocketField, number>>
  timer?: (typeof SOCKET_TIMERS)[number]
  evidence?: Partial<Record<EvidenceField, number>>
  local?: readonly number[]
  remote?: readonly number[]
}

/** What readPortSockets() of the addon would return for these sockets. */
export function fakeRows(rows: readonly FakeRow[]): ArrayBuffer {
  const words = new Float64Array(rows.length * SOCKET_ROW_WORDS)
  const bytes = new Uint8Array(words.buffer)
  rows.forEach(({ fields = {}, timer = 'none', evidence = {}, local = [], remote = [] }, row) => {
    const base = row * SOCKET_ROW_WORDS
    const values = base + SOCKET_EVIDENCE
    words.fill(-1, base, values + EVIDENCE_FIELDS.length)
    for (const [name, value] of Object.entries(fields)) {
      words[base + SOCKET[name as SocketField]] = value
    }
    words[base + SOCKET.timer] = SOCKET_TIMERS.indexOf(timer)
    for (const [name, value] of Object.entries(evidence)) {
      words[values + EVIDENCE[name as EvidenceField]] = value
    }
    const addresses = (values + EVIDENCE_FIELDS.length) * 8
    bytes.set(remote, addresses)
    bytes.set(local, addresses + ADDRESS_BYTES)
  })
  return words.buffer
}
