import { describe, expect, test } from 'vitest'
import type { Scenario } from '../support/duplex-scenario.js'
import { ends } from '../support/duplex-scenarios-ends.js'
import { use } from '../support/duplex-scenarios-use.js'
import { type OpenSide, onHoldfast, onNodeNet } from '../support/duplex-sides.js'

// What a scenario does is done to a net.Socket and to a stream of a connection; both must tell the
// same, event by event.

async function run(
  open: OpenSide,
  act: Scenario['act'],
  allowHalfOpen: boolean,
): Promise<string[]> {
  await using side = await open({ allowHalfOpen })
  await act(side)
  return side.log
}

describe.each([false, true])('allowHalfOpen %s', (allowHalfOpen) => {
  test.each([...ends, ...use])('$name', async ({ act }) => {
    const expected = await run(onNodeNet, act, allowHalfOpen)
    expect(await run(onHoldfast, act, allowHalfOpen)).toEqual(expected)
  })
})
