import { describe, expect, test } from 'vitest'
import { catalogue } from './catalogue.js'
import { boundOf } from './judge.js'

// What no run would find: a scenario that is declared so that it shows nothing.

const byName = new Map(catalogue.map((scenario) => [scenario.name, scenario]))

test('no two scenarios have the same name', () => {
  expect(byName.size).toBe(catalogue.length)
})

describe.each(catalogue.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  (_, scenario) => {
    test('says when: a window where a report is expected, a time to hold where none is', () => {
      expect(scenario.families.length).toBeGreaterThan(0)
      expect(scenario.window === undefined).toBe(scenario.expect === null)
      expect(scenario.holdMs === undefined).toBe(scenario.expect !== null)
      expect(boundOf(scenario)).toBeGreaterThan(0)
    })

    test('has a witness besides the report', () => {
      const { counters = {}, evidence = {} } = scenario.witness
      const kinds = [...Object.keys(counters), ...Object.keys(evidence)]
      expect(kinds).not.toEqual([])
    })

    test('leaves room for a cut that is undone, and shows a cut that is not reported', () => {
      const { cut, expect: wanted, undoAfterMs, roomMs } = scenario
      expect(roomMs !== undefined).toBe(undoAfterMs !== undefined)
      if (cut !== null && wanted === null) expect(cut.trace).toBeDefined()
    })

    test('names a control that differs in the cut or the user timeout alone, if it has one', () => {
      const control = byName.get(scenario.control ?? '')
      if (scenario.cut === null && scenario.expect === null) {
        expect(scenario.control).toBeUndefined()
        return
      }
      const { userTimeoutMs, ...without } = scenario.policy
      // A live peer is ended by nothing else.
      if (scenario.cut === null) expect(userTimeoutMs).toBeGreaterThan(0)
      expect(control).toMatchObject({ cut: null, expect: null })
      expect(control?.topology).toBe(scenario.topology)
      expect(control?.policy).toEqual(scenario.cut === null ? without : scenario.policy)
      expect(control?.traffic).toEqual(scenario.traffic)
      expect(control?.families).toEqual(expect.arrayContaining([...scenario.families]))
      // In the same time: for as long as the other may take.
      expect(control?.holdMs).toBeGreaterThanOrEqual(boundOf(scenario))
    })
  },
)
