import { expect, test } from 'vitest'
import * as reasons from '../../../lib/core/reasons.js'

test('every reason has an actor', () => {
  const actors = ['peer', 'network', 'policy', 'local', 'system']
  expect(reasons.DISCONNECT_REASONS).toHaveLength(18)
  for (const reason of reasons.DISCONNECT_REASONS) {
    expect(actors).toContain(reasons.actorOf(reason))
  }
})

test('codes and names agree', () => {
  expect(reasons.reasonOf(1)).toBe('peer-end')
  expect(reasons.reasonOf(reasons.REASON_PEER_END)).toBe('peer-end')
  expect(reasons.reasonOf(reasons.REASON_SLOW_CONSUMER)).toBe('slow-consumer')
  expect(reasons.reasonOf(reasons.REASON_LOCAL_END)).toBe('local-end')
  expect(reasons.reasonOf(reasons.REASON_LOCAL_ABORT)).toBe('local-abort')
  expect(reasons.reasonOf(reasons.REASON_SHUTDOWN)).toBe('shutdown')
  expect(reasons.reasonOf(reasons.REASON_HANDLER_ERROR)).toBe('handler-error')
})

test('a code outside the table never becomes a hole', () => {
  expect(reasons.reasonOf(0)).toBe('io-error')
  expect(reasons.reasonOf(99)).toBe('io-error')
  expect(reasons.refusalOf(99)).toBe('blocked')
  expect(reasons.decidedByOf(99)).toBe('kernel')
})

test('refusal causes and deciders have their names', () => {
  expect(reasons.refusalOf(4)).toBe('emfile')
  expect(reasons.REFUSAL_CAUSES).toHaveLength(7)
  expect(reasons.decidedByOf(1)).toBe('liveness-clock')
})

test.runIf(process.platform === 'linux')('an errno of either sign becomes the code', () => {
  expect(reasons.errorCodeOf(110)).toBe('ETIMEDOUT')
  expect(reasons.errorCodeOf(-110)).toBe('ETIMEDOUT')
  expect(reasons.errorCodeOf(0)).toBeNull()
  expect(reasons.errorCodeOf(3999)).toMatch(/unknown/i)
})
