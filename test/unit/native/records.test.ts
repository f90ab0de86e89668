import { expect, test } from 'vitest'
import * as records from '../../../lib/native/records.js'

test('kind and operation numbers are the positions of their names', () => {
  const { COMPLETION_KINDS, SUBMISSION_OPS } = records
  expect(COMPLETION_KINDS.indexOf('open')).toBe(records.KIND_OPEN)
  expect(COMPLETION_KINDS.indexOf('data')).toBe(records.KIND_DATA)
  expect(COMPLETION_KINDS.indexOf('end')).toBe(records.KIND_END)
  expect(COMPLETION_KINDS.indexOf('drain')).toBe(records.KIND_DRAIN)
  expect(COMPLETION_KINDS.indexOf('closed')).toBe(records.KIND_CLOSED)
  expect(COMPLETION_KINDS.indexOf('refused')).toBe(records.KIND_REFUSED)
  expect(COMPLETION_KINDS.indexOf('beat')).toBe(records.KIND_BEAT)
  expect(COMPLETION_KINDS.indexOf('drained')).toBe(records.KIND_DRAINED)
  expect(COMPLETION_KINDS.indexOf('ending')).toBe(records.KIND_ENDING)
  expect(SUBMISSION_OPS.indexOf('write')).toBe(records.OP_WRITE)
  expect(SUBMISSION_OPS.indexOf('end')).toBe(records.OP_END)
  expect(SUBMISSION_OPS.indexOf('destroy')).toBe(records.OP_DESTROY)
  expect(SUBMISSION_OPS.indexOf('pause')).toBe(records.OP_PAUSE)
  expect(SUBMISSION_OPS.indexOf('resume')).toBe(records.OP_RESUME)
})

test('every evidence field has its own word', () => {
  const { EVIDENCE, EVIDENCE_FIELDS } = records
  expect(EVIDENCE_FIELDS.map((name) => EVIDENCE[name])).toEqual(EVIDENCE_FIELDS.map((_, at) => at))
})
