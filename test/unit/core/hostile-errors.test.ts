import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Handler } from '../../../lib/core/contract.js'
import { fakeServer } from '../../support/fake-server.js'

/** Throws whatever is done to show it. */
const hostile = (): unknown => ({
  [inspect.custom]() {
    throw hostile()
  },
  toString() {
    throw hostile()
  },
})

const fail = (): never => {
  throw hostile()
}

let warned: string[] = []

beforeEach(() => {
  warned = []
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => {
    warned.push(String(warning))
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

const shown = (where: string) =>
  `an error that nobody listens for (${where}): a value that cannot be shown`

describe('errors that cannot be shown', () => {
  test.each<[string, Handler, string[]]>([
    ['of a handler', { data: fail }, ['handler']],
    ['of an async handler', { data: async () => fail() }, ['handler']],
    ['of handler.close', { data: (connection) => connection.destroy(), close: fail }, ['close']],
    ['of a hook', { open: (c) => c.onCleanup(fail), data: (c) => c.destroy() }, ['connection']],
  ])('%s become warnings, and the server closes', async (_, handler, places) => {
    const { native, server, forget } = fakeServer(handler)
    forget()
    const [first, second] = [native.connect(), native.connect()]
    await native.turn()
    first.send('x')
    second.send('x')
    await native.settle()
    expect(warned).toEqual([...places, ...places].map(shown))
    expect(await server.close()).toMatchObject({ accepted: 2, open: 0 })
  })

  test('of listeners likewise, and the promise of the connection resolves', async () => {
    let closed: Promise<unknown> | undefined
    const { native, server } = fakeServer({
      open(connection) {
        closed = connection.closed
      },
    })
    server.onDisconnect(fail)
    server.onDisconnect(async () => fail())
    server.onRefused(fail)
    native.refuse(0, 'emfile', 1)
    native.connect().fail('peer-reset', 104)
    await native.settle()
    await expect(closed).resolves.toMatchObject({ reason: 'peer-reset' })
    expect(warned).toEqual(['refused', 'disconnect', 'disconnect'].map(shown))
    expect(await server.close()).toMatchObject({ open: 0 })
  })

  test('of listeners of onError, sync and async, become warnings too', async () => {
    const { native, server, forget } = fakeServer({ data: fail })
    forget()
    server.onError(fail)
    server.onError(async () => fail())
    native.connect().send('x')
    await native.settle()
    expect(warned).toEqual(['handler', 'handler'].map(shown))
    expect(await server.close()).toMatchObject({ open: 0 })
  })
})

test('where even a warning cannot be made the books are kept', async () => {
  vi.mocked(process.emitWarning).mockImplementation(fail)
  const { native, server } = fakeServer()
  server.onDisconnect(fail)
  native.connect().fail('peer-reset', 104)
  await native.settle()
  expect(await server.close()).toMatchObject({ open: 0 })
})
