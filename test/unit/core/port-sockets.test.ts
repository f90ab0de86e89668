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

test.each([
  ['ENOENT', true],
  ['ENOSYS', true],
  ['EPROTONOSUPPORT', true],
  ['EAFNOSUPPORT', true],
  ['EMFILE', false],
  ['EPERM', false],
  ['ETIMEDOUT', false],
])('%s: whether it says that the system lacks something is %s', (code, lacks) => {
  const module = new FakeModule()
  module.portRows = Object.assign(new Error(`sock_diag ${code}: why`), { code })
  expect(() => readPortSockets(module, 1)).toThrow(
    lacks
      ? `this system does not list its sockets: sock_diag(7) answered ${code} (Linux with the module tcp_diag is needed)`
      : `the sockets of this system could not be listed: sock_diag ${code}: why`,
  )
})

test('an error of the system becomes ERR_HOLDFAST_SOCK_DIAG, with it as its cause', () => {
  const module = new FakeModule()
  const cause = Object.assign(new Error('sock_diag ENOSYS'), { code: 'ENOSYS' })
  module.portRows = cause
  expect(() => readPortSockets(module, 1)).toThrow(
    expect.objectContaining({ name: 'HoldfastError', code: 'ERR_HOLDFAST_SOCK_DIAG', cause }),
  )
})
