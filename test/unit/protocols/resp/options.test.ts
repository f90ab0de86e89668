import { getHeapStatistics } from 'node:v8'
import { expect, test } from 'vitest'
import { resolveListenOptions } from '../../../../lib/core/options.js'
import { resp } from '../../../../lib/protocols/resp/index.js'

test('what is stored fits the heap', () => {
  const most = Math.floor(getHeapStatistics().heap_size_limit / 2)
  expect(() => resp({ maxStoredBytes: most })).not.toThrow()
  expect(() => resp({ maxStoredBytes: most + 1 })).toThrow(
    `maxStoredBytes must be an integer from 0 to ${most} bytes`,
  )
})

test('its server watches its clients, and holds no answers without a bound', () => {
  const protocol = resp()
  const resolved = resolveListenOptions({ ...protocol.options, port: 0, handler: protocol })
  expect(resolved).toMatchObject({
    maxQueuedBytes: 8_388_608,
    deadlines: { endMs: 10_000, backlogMs: 300_000 },
  })
  // Who sends pipelines is not slowed.
  expect(protocol.options.limits).toEqual({ queuedBytes: 268_435_456 })
})
