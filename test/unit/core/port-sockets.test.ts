import { expect, test } from 'vitest'
import { readPortSockets } from '../../../lib/core/port-sockets.js'
import { FakeModule } from '../../support/fake-native.js'
import { fakeRows } from '../../support/fake-rows.js'

test('the sockets that the addon tells', () => {
  const module = new FakeModule()
  expect(readPortSockets(module, 1)).toEqual([])
  module.portRows = fakeRows([{ evidence: { family: 4, remotePort: 9 }, remote: [10, 0, 0, 9] }])
  expect(readPortSockets(module, 1)).toMatchObject([{ remoteAddress: '10.0.0.9', remotePort: 9 }])
})

test('an error of the system becomes ERR_HOLDFAST_SOCK_DIAG, with it as its cause', () => {
  const module = new FakeModule()
  const cause = Object.assign(new Error('sock_diag ENOSYS'), { code: 'ENOSYS' })
  module.portRows = cause
  expect(() => readPortSockets(module, 1)).toThrow(
    expect.objectContaining({ name: 'HoldfastError', code: 'ERR_HOLDFAST_SOCK_DIAG', cause }),
  )
})
