import { describe, expect, it } from 'vitest'
import { binomialRange, chanceOfRun, questionsUntil } from '../../../bench/detection/loss-model.js'

describe('chanceOfRun', () => {
  it('is that of a single loss where one ends', () => {
    expect(chanceOfRun(10, 1, 0.36)).toBeCloseTo(1 - 0.64 ** 10, 12)
  })

  it('counts all ways of as many in a row', () => {
    // Of four questions, three in a row: LLLx and xLLL, with LLLL in both.
    const q = 0.3
    expect(chanceOfRun(4, 3, q)).toBeCloseTo(2 * q ** 3 - q ** 4, 12)
  })

  it('agrees with a sum over all outcomes', () => {
    const [questions, run, q] = [12, 2, 0.19]
    let sum = 0
    for (let outcome = 0; outcome < 2 ** questions; outcome++) {
      const lost = [...outcome.toString(2)].filter((bit) => bit === '1').length
      if (outcome.toString(2).includes('1'.repeat(run))) {
        sum += q ** lost * (1 - q) ** (questions - lost)
      }
    }
    expect(chanceOfRun(questions, run, q)).toBeCloseTo(sum, 12)
  })

  it('is nothing before there were as many questions', () => {
    expect(chanceOfRun(3, 4, 0.9)).toBe(0)
    expect(chanceOfRun(0, 1, 0.9)).toBe(0)
  })

  it('is in proportion between two whole numbers of questions', () => {
    const between = chanceOfRun(5.25, 2, 0.2)
    const whole = [5, 6].map((questions) => chanceOfRun(questions, 2, 0.2)) as [number, number]
    expect(between).toBeCloseTo(0.75 * whole[0] + 0.25 * whole[1], 12)
  })

  it('keeps chances that are far below one', () => {
    expect(chanceOfRun(3, 3, 0.002)).toBeCloseTo(8e-9, 20)
  })
})

describe('questionsUntil', () => {
  it('stops where the chance is reached', () => {
    const questions = questionsUntil(0.8, 1, 0.36, 50)
    expect(chanceOfRun(questions, 1, 0.36)).toBeGreaterThanOrEqual(0.8)
    expect(chanceOfRun(questions - 0.1, 1, 0.36)).toBeLessThan(0.8)
  })

  it('stops at the most there can be', () => {
    expect(questionsUntil(0.8, 4, 0.002, 47.5)).toBe(47.5)
  })
})

describe('binomialRange', () => {
  it('is the smallest and the largest number that the tails leave', () => {
    // Ten throws of a coin: 1/1024 for none, 11/1024 for one at most, 56/1024 for two at most.
    expect(binomialRange(10, 0.5, 0.95)).toEqual({ low: 2, high: 8 })
    expect(binomialRange(10, 0.5, 0.999)).toEqual({ low: 0, high: 10 })
  })

  it('is one number where nothing is left to chance', () => {
    expect(binomialRange(400, 0, 0.9999)).toEqual({ low: 0, high: 0 })
    expect(binomialRange(400, 1, 0.9999)).toEqual({ low: 400, high: 400 })
    expect(binomialRange(400, 1e-9, 0.9999)).toEqual({ low: 0, high: 0 })
  })

  it('is close to that of a normal distribution for many trials', () => {
    const [trials, chance] = [1_000_000, 0.2]
    const deviation = Math.sqrt(trials * chance * (1 - chance))
    // 3.8906 standard deviations leave 0.01 % outside.
    const { low, high } = binomialRange(trials, chance, 0.9999)
    expect(Math.abs(low - (trials * chance - 3.8906 * deviation))).toBeLessThan(5)
    expect(Math.abs(high - (trials * chance + 3.8906 * deviation))).toBeLessThan(5)
  })

  it('is symmetric where the logarithm of the first term is far below zero', () => {
    const { low, high } = binomialRange(20_000, 0.5, 0.999)
    expect(low + high).toBe(20_000)
  })
})
