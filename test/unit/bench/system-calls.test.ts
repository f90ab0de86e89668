import { expect, test } from 'vitest'
import { callsOf, readSummary } from '../../../bench/harness/system-calls.js'

const summary = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.54    0.004123           4      1004         4 accept4
 30.00    0.002010           2      1000           epoll_ctl
  8.46    0.000567          35        16           epoll_wait
  0.00    0.000000           0         2           read
------ ----------- ----------- --------- --------- ----------------
100.00    0.006700           3      2022         4 total
`

test('calls are counted by name, with errors and without; the total is no call', () => {
  expect(readSummary(summary)).toEqual({ accept4: 1004, epoll_ctl: 1000, epoll_wait: 16, read: 2 })
})

test('all calls, or those that match', () => {
  const counts = readSummary(summary)
  expect(callsOf(counts)).toBe(2022)
  expect(callsOf(counts, /^epoll_/)).toBe(1016)
  expect(callsOf(counts, /^setsockopt$/)).toBe(0)
})

test('a summary without a call is an error, not a zero', () => {
  expect(() => readSummary('% time     seconds\n')).toThrow('strace has seen nothing')
})
