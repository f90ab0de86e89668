import { expect, test } from 'vitest'
import { buildCompletion } from '../../../lib/core/completion.js'
import { EVIDENCE, EVIDENCE_FIELDS, REASON_NAMES } from '../../../lib/native/records.js'

const EVIDENCE_BYTES = EVIDENCE_FIELDS.length * 8
const OFFSET = 64

function slab(values: Partial<Record<keyof typeof EVIDENCE, number>>, address: number[]) {
  const memory = new ArrayBuffer(1024)
  const words = new Float64Array(memory)
  const bytes = new Uint8Array(memory)
  words.fill(-1, OFFSET / 8, OFFSET / 8 + EVIDENCE_FIELDS.length)
  for (const [name, value] of Object.entries(values)) {
    words[OFFSET / 8 + EVIDENCE[name as keyof typeof EVIDENCE]] = value
  }
  bytes.set(address, OFFSET + EVIDENCE_BYTES)
  return { words, bytes }
}

const basics = { bytesRead: 10, bytesWritten: 20, bytesUnsent: 3, durationMs: 99, remotePort: 5 }

test.runIf(process.platform === 'linux')('a dead peer is told with its evidence', () => {
  const values = { ...basics, detectedMs: 3_050, family: 4, hasTcpInfo: 1, probes: 2 }
  const { words, bytes } = slab(values, [192, 0, 2, 7])
  const reason = REASON_NAMES.indexOf('keepalive-timeout')
  expect(buildCompletion(42, reason, 110, OFFSET, 0, words, bytes)).toEqual({
    id: 42,
    reason: 'keepalive-timeout',
    actor: 'network',
    code: 'ETIMEDOUT',
    errno: -110,
    detectedMs: 3_050,
    bytesRead: 10,
    bytesWritten: 20,
    durationMs: 99,
    remoteAddress: '192.0.2.7',
    remotePort: 5,
    evidence: {
      decidedBy: 'kernel',
      bytesUnsent: 3,
      bytesUnread: null,
      tcp: expect.objectContaining({ probes: 2, rttUs: null }),
    },
    hooks: { run: 0, failures: [], late: 0, durationMs: 0 },
  })
})

test('without an error the code is null and the number plain zero', () => {
  const { words, bytes } = slab({ ...basics, family: 4, bytesUnread: 0 }, [127, 0, 0, 1])
  const completion = buildCompletion(1, 1, 0, OFFSET, 1, words, bytes)
  expect(completion).toMatchObject({ reason: 'peer-end', code: null, detectedMs: null })
  expect(completion.errno).toBe(0)
  expect(completion.evidence).toEqual({
    decidedBy: 'liveness-clock',
    bytesUnsent: 3,
    bytesUnread: 0,
    tcp: null,
  })
  expect('error' in completion).toBe(false)
})

test('an IPv6 peer has its canonical address', () => {
  const address = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
  const { words, bytes } = slab({ ...basics, family: 6 }, address)
  expect(buildCompletion(1, 1, 0, OFFSET, 0, words, bytes).remoteAddress).toBe('2001:db8::1')
})

test('a peer that the system did not tell has neither address nor port', () => {
  const { words, bytes } = slab({ ...basics, family: 0 }, [127, 0, 0, 1])
  const completion = buildCompletion(1, 1, 0, OFFSET, 0, words, bytes)
  expect(completion).toMatchObject({ remoteAddress: null, remotePort: null })
})

test('after a reset the time since the peer was heard is unknown', () => {
  const { words, bytes } = slab({ ...basics, family: 4, detectedMs: -1 }, [127, 0, 0, 1])
  const reason = REASON_NAMES.indexOf('peer-reset')
  expect(buildCompletion(1, reason, 104, OFFSET, 0, words, bytes).detectedMs).toBeNull()
})

test('nothing of the slab is kept', () => {
  const { words, bytes } = slab({ ...basics, family: 4, hasTcpInfo: 1, rttUs: 7 }, [127, 0, 0, 1])
  const completion = buildCompletion(1, 1, 0, OFFSET, 0, words, bytes)
  const before = structuredClone(completion)
  bytes.fill(0xdd)
  expect(completion).toEqual(before)
})
