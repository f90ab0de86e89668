import { expect, test } from 'vitest'
import { known, readTcpInfo, whole } from '../../../lib/core/tcp-info.js'
import { EVIDENCE, EVIDENCE_FIELDS } from '../../../lib/native/records.js'

function evidence(values: Partial<Record<keyof typeof EVIDENCE, number>>, base = 0): Float64Array {
  const words = new Float64Array(base + EVIDENCE_FIELDS.length).fill(-1)
  for (const [name, value] of Object.entries(values)) {
    words[base + EVIDENCE[name as keyof typeof EVIDENCE]] = value
  }
  return words
}

test('without TCP_INFO there is nothing to tell', () => {
  expect(readTcpInfo(evidence({ hasTcpInfo: 0 }), 0)).toBeNull()
})

test('each field has its name, its unit and its own word', () => {
  const names = EVIDENCE_FIELDS.slice(EVIDENCE_FIELDS.indexOf('retransmits'))
  const values = Object.fromEntries(names.map((name, at) => [name, 100 + at]))
  const info = readTcpInfo(evidence({ ...values, hasTcpInfo: 1, state: 8 }, 28), 28)
  expect(info).toEqual({
    state: 'close-wait',
    retransmits: 100,
    probes: 101,
    backoff: 102,
    unackedSegments: 103,
    notSentBytes: 104,
    bytesAcked: 105,
    bytesReceived: 106,
    totalRetransmits: 107,
    rttUs: 108,
    rttVarUs: 109,
    rtoUs: 110,
    lastDataSentMs: 111,
    lastDataReceivedMs: 112,
    lastAckReceivedMs: 113,
    congestionWindowSegments: 114,
    segmentBytes: 115,
  })
})

test('what the system does not tell is null, 0 stays 0', () => {
  const info = readTcpInfo(evidence({ hasTcpInfo: 1, probes: 0 }), 0)
  expect(info).toMatchObject({ state: null, retransmits: null, probes: 0 })
  expect(known(-1)).toBeNull()
  expect(known(undefined)).toBeNull()
  expect(known(0)).toBe(0)
})

test('a state without a name is a number', () => {
  expect(readTcpInfo(evidence({ hasTcpInfo: 1, state: 12 }), 0)?.state).toBe('12')
})

test('a number stays what it is, whether it fits 32 bits or not', () => {
  for (const value of [0, 7, -7, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53 - 1, 0.5]) {
    expect(whole(value)).toBe(value)
  }
})
