import { expect, test, vi } from 'vitest'
import { isThenable } from '../../../lib/core/server-state.js'
import { fakeServer } from '../../support/fake-server.js'

test('what can be awaited is an object with a then method', () => {
  expect(isThenable(Promise.resolve())).toBe(true)
  for (const value of [undefined, null, 1, 'then', {}, () => {}]) {
    expect(isThenable(value)).toBe(false)
  }
})

test('an error that nobody listens for becomes a process warning', async () => {
  const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const { native, forget } = fakeServer({
    data() {
      throw new Error('nobody looks')
    },
  })
  forget()
  native.connect().send('x')
  await native.settle()
  expect(warning).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(/\(handler\).*nobody looks/),
    { type: 'HoldfastWarning', code: 'HOLDFAST_UNOBSERVED_ERROR' },
  )
  warning.mockRestore()
})
