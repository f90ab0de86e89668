import { expect, test } from 'vitest'
import { readPortRows, readTimer } from '../../../lib/core/socket-row.js'
import { SOCKET_ROW_WORDS, SOCKET_TIMERS } from '../../../lib/native/records.js'
import { fakeRows } from '../../support/fake-rows.js'

const v6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]

test('a row with everything', () => {
  const rows = fakeRows([
    {
      fields: {
        localPort: 7_007,
        state: 1,
        timerExpiresMs: 1_500,
        timerUnanswered: 2,
        receiveQueueBytes: 3,
        sendQueueBytes: 4,
        uid: 1_000,
        inode: 99,
      },
      timer: 'window-probe',
      evidence: {
        remotePort: 50_000,
        family: 4,
        detectedMs: 250,
        hasTcpInfo: 1,
        state: 1,
        probes: 2,
      },
      local: [10, 0, 0, 1],
      remote: [192, 0, 2, 7],
    },
  ])
  expect(readPortRows(rows)).toEqual([
    {
      localAddress: '10.0.0.1',
      localPort: 7_007,
      remoteAddress: '192.0.2.7',
      remotePort: 50_000,
      state: 'established',
      timer: { kind: 'window-probe', expiresMs: 1_500, unanswered: 2 },
      silentMs: 250,
      receiveQueueBytes: 3,
      sendQueueBytes: 4,
      uid: 1_000,
      inode: 99,
      tcp: expect.objectContaining({ state: 'established', probes: 2, rttUs: null }),
    },
  ])
})

test('a remnant without TCP_INFO has its state, and nothing is made up for the rest', () => {
  const rows = fakeRows([{ fields: { state: 5 }, timer: 'time-wait', evidence: { family: 6 } }])
  expect(readPortRows(rows)).toMatchObject([
    { state: 'fin-wait-2', tcp: null, silentMs: null, timer: { kind: 'time-wait' } },
  ])
})

test('each row has its own addresses, IPv6 as in RFC 5952', () => {
  const rows = fakeRows([
    { evidence: { family: 6 }, local: v6, remote: [...v6.slice(0, 15), 8] },
    { evidence: { family: 4 }, local: [127, 0, 0, 1], remote: [127, 0, 0, 2] },
  ])
  expect(
    readPortRows(rows).map(({ localAddress, remoteAddress }) => [localAddress, remoteAddress]),
  ).toEqual([
    ['2001:db8::7', '2001:db8::8'],
    ['127.0.0.1', '127.0.0.2'],
  ])
})

test('no rows', () => {
  expect(readPortRows(new ArrayBuffer(0))).toEqual([])
})

test('every timer has its name, and -1 is none', () => {
  for (const kind of SOCKET_TIMERS) {
    expect(readTimer(new Float64Array(fakeRows([{ timer: kind }])), 0)?.kind).toBe(kind)
  }
  expect(readTimer(new Float64Array(SOCKET_ROW_WORDS).fill(-1), 0)).toBeNull()
})
