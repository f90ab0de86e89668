import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { RefusalCause } from '../../lib/index.js'
import { connectClient } from '../support/client.js'
import { type Lab, openLab } from '../support/lab.js'
import { deferred } from '../support/wait.js'

/** Resolves when so many were refused for that cause. */
function refusals(lab: Lab, cause: RefusalCause, count: number): Promise<void> {
  const reached = deferred()
  lab.server.onRefused(() => {
    if (lab.server.counters.refused[cause] >= count) reached.resolve()
  })
  return reached.promise
}

function hostOf(localAddress: string): string {
  return localAddress === '::1' ? '::1' : '127.0.0.1'
}

/** How a connection that the server resets ends; the reset may come before connect has returned. */
function resetCode(port: number, localAddress = '127.0.0.1'): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: hostOf(localAddress), localAddress })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    socket.on('end', () => reject(new Error('ended in order')))
    socket.resume()
  })
}

test('a full server resets, counts each, and takes one again for each that leaves', async () => {
  await using lab = await openLab({}, { limits: { connections: 2, whenFull: 'reset' } })
  const [first] = await lab.pairs(2)
  const refused = refusals(lab, 'max-connections', 3)
  const codes = await Promise.all([1, 2, 3].map(() => resetCode(lab.port)))
  expect(codes).toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET'])
  await refused
  expect(lab.server.counters).toMatchObject({ arrived: 5, accepted: 2, open: 2 })
  first?.client.end()
  await first?.connection.closed
  await lab.pair()
  expect(lab.server.counters).toMatchObject({ arrived: 6, accepted: 3, open: 2 })
})

test('a full server that suspends refuses nobody: arrivals wait until there is room', async () => {
  await using lab = await openLab({}, { limits: { connections: 1 } })
  const first = await lab.pair()
  const second = await lab.client()
  expect(lab.server.counters.arrived).toBe(1)
  first.client.end()
  await lab.accepted(second.port)
  const { counters } = lab.server
  expect(counters.refused['max-connections']).toBe(0)
  expect(counters).toMatchObject({ arrived: 2, accepted: 2, open: 1 })
})

test('a refused client reads the last message, then the end', async () => {
  const limits = { connections: 1, whenFull: 'message', refusalMessage: 'full\n' } as const
  await using lab = await openLab({}, { limits })
  await lab.pair()
  const client = await connectClient(lab.port)
  expect((await client.rest()).toString()).toBe('full\n')
  client.destroy()
})

test('the limit of one address leaves others alone', async () => {
  await using lab = await openLab({}, { limits: { connectionsPerAddress: 2 } })
  await lab.pairs(2, { localAddress: '127.0.0.2' })
  const refused = refusals(lab, 'per-address', 1)
  expect(await resetCode(lab.port, '127.0.0.2')).toBe('ECONNRESET')
  await refused
  await lab.pairs(2, { localAddress: '127.0.0.3' })
  expect(lab.server.counters).toMatchObject({ accepted: 4, open: 4 })
})

test('the longest prefix decides whom a rule lets in', async () => {
  const rules = [
    { cidr: '127.0.0.0/8', action: 'deny' },
    { cidr: '127.0.0.8/29', action: 'allow' },
  ] as const
  await using lab = await openLab({}, { limits: { rules } })
  const refused = refusals(lab, 'blocked', 1)
  expect(await resetCode(lab.port)).toBe('ECONNRESET')
  await refused
  const { connection } = await lab.pair({ localAddress: '127.0.0.9' })
  expect(connection.remoteAddress).toBe('127.0.0.9')
})

test.each([
  ['127.0.0.1', ['127.0.0.1']],
  ['::ffff:127.0.0.1', ['127.0.0.1']], // as remoteAddress says it
  ['::ffff:127.0.0.0/104', ['127.0.0.1', '127.0.0.2']],
  ['::ffff:0:0/96', ['127.0.0.1', '127.0.0.2']],
  ['0.0.0.0/0', ['127.0.0.1', '127.0.0.2']],
  ['::1', ['::1']],
  ['::/0', ['::1']],
  ['::/80', ['::1']],
])('on a dual-stack server a rule for %s denies %j, and no other', async (cidr, denied) => {
  const rules = [{ cidr, action: 'deny' }] as const
  await using lab = await openLab({}, { host: '::', limits: { rules } })
  for (const from of ['127.0.0.1', '127.0.0.2', '::1']) {
    if (denied.includes(from)) {
      const refused = refusals(lab, 'blocked', lab.server.counters.refused.blocked + 1)
      expect(await resetCode(lab.port, from)).toBe('ECONNRESET')
      await refused
    } else {
      const { connection } = await lab.pair({ host: hostOf(from), localAddress: from })
      expect(connection.remoteAddress).toBe(from === '::1' ? from : `::ffff:${from}`)
    }
  }
  expect(lab.server.counters.refused.blocked).toBe(denied.length)
})

test('suspend() lets arrivals wait, resume() takes them', async () => {
  await using lab = await openLab()
  lab.server.suspend()
  const client = await lab.client()
  expect(lab.server.counters.arrived).toBe(0)
  lab.server.resume()
  await lab.accepted(client.port)
})

test('a suspended server can be closed', async () => {
  await using lab = await openLab()
  lab.server.suspend()
  await lab.client()
  expect(await lab.server.close()).toMatchObject({ open: 0 })
  lab.server.resume()
})
