import { describe, expect, test } from 'vitest'
import { inMemory, onSockets } from '../support/conformance.js'
import { byteScenarios } from '../support/conformance-bytes.js'
import { ruleScenarios } from '../support/conformance-rules.js'

const scenarios = [...byteScenarios, ...ruleScenarios]

// holdfast/testing is worth as much as it behaves like a server on sockets: one script, both stages,
// the same events. Side by side, for on sockets the time that passes is real.
describe.concurrent.each([
  ['on sockets', onSockets],
  ['in memory', inMemory],
] as const)('%s', (_where, theatre) => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (_name, scenario) => {
      expect(await theatre(scenario)).toEqual(scenario.events)
    },
  )
})

test('no two scenarios have the same name', () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length)
})
