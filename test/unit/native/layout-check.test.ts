import { expect, test } from 'vitest'
import { checkLayout, layoutDifferences } from '../../../lib/native/layout-check.js'
import { fakeLayout } from '../../support/fake-native.js'

test('a layout that agrees passes', () => {
  expect(layoutDifferences(fakeLayout())).toEqual([])
  expect(() => checkLayout(fakeLayout())).not.toThrow()
})

test('another record size is named with both numbers', () => {
  expect(layoutDifferences(fakeLayout({ recordWords: 6 }))).toEqual([
    'recordWords is 6, expected 8',
  ])
})

test.each([
  ['addressBytes', 16],
  ['openPeerBytes', 24],
  ['controlSubmissionCount', 0],
  ['controlSubmitBytes', 1],
  ['socketRowWords', 41],
] as const)('%s must be there and be %i', (name, expected) => {
  expect(layoutDifferences(fakeLayout({ [name]: 7 }))).toEqual([
    `${name} is 7, expected ${expected}`,
  ])
  expect(layoutDifferences(fakeLayout({ [name]: undefined }))).toEqual([
    `${name} is missing, expected ${expected}`,
  ])
})

test('more connections than an id can name are refused', () => {
  expect(layoutDifferences(fakeLayout({ maxConnections: 2 ** 24 + 1 }))).toHaveLength(1)
})

test('names in another order, too few and too many are differences', () => {
  const reasons = fakeLayout().reasons
  const swapped = [...reasons.slice(0, 1), reasons[2], reasons[1], ...reasons.slice(3)] as string[]
  expect(layoutDifferences(fakeLayout({ reasons: swapped }))).toHaveLength(1)
  expect(layoutDifferences(fakeLayout({ reasons: reasons.slice(0, -1) }))).toHaveLength(1)
  expect(layoutDifferences(fakeLayout({ reasons: [...reasons, 'new'] }))).toHaveLength(1)
})

test('the name of the unused index 0 of kinds and operations does not matter', () => {
  const { completionKinds } = fakeLayout()
  const renamed = ['', ...completionKinds.slice(1)]
  expect(layoutDifferences(fakeLayout({ completionKinds: renamed }))).toEqual([])
})

test('a mismatch is thrown with its code and every difference', () => {
  const layout = fakeLayout({ recordWords: 6, refusals: [] })
  expect(() => checkLayout(layout)).toThrow(
    expect.objectContaining({
      code: 'ERR_HOLDFAST_LAYOUT',
      message: expect.stringMatching(/recordWords.*refusals/),
    }),
  )
})

test('an addon that tells nothing at all is a mismatch, not a crash', () => {
  expect(() => checkLayout({} as ReturnType<typeof fakeLayout>)).toThrow(
    expect.objectContaining({ code: 'ERR_HOLDFAST_LAYOUT' }),
  )
})
