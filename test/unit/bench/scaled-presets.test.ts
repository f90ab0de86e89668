import { expect, it } from 'vitest'
import { scaledPresets } from '../../../bench/detection/scaled-presets.js'

it('scales each preset that is on to an interval of one second, and keeps its count', () => {
  expect(scaledPresets().map(({ name, dividedBy }) => [name, dividedBy])).toEqual([
    ['lan-strict as 5/1/4', 1],
    ['interactive as 4/1/4', 5],
    ['cloud-lb as 6/1/6', 10],
    ['nat as 7/1/5', 15],
    ['mobile as 15/1/5', 15],
  ])
})

it('has the bound of the scaled values, and what is promised of it', () => {
  const [first] = scaledPresets()
  expect(first).toMatchObject({ boundMs: 9000, latestMs: 11_170 })
})
