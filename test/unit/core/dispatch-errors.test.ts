import { describe, expect, test } from 'vitest'
import type { Handler } from '../../../lib/core/contract.js'
import { fakeServer } from '../../support/fake-server.js'
import { recorder } from '../../support/recorder.js'

describe('a handler that throws', () => {
  const failing: Handler = {
    data(_, chunk) {
      if (String(chunk) === 'bad') throw new Error('boom')
    },
  }

  test('ends its own connection with handler-error and the thrown value', async () => {
    const { native, completions } = fakeServer(failing)
    native.connect().send('bad')
    await native.settle()
    expect(completions).toMatchObject([
      { reason: 'handler-error', actor: 'local', error: new Error('boom') },
    ])
  })

  test('harms no other connection of the batch', async () => {
    const { seen, recording } = recorder(failing)
    const { native, completions } = fakeServer(recording)
    const [bad, good] = [native.connect(), native.connect()]
    await native.turn()
    bad.send('bad')
    bad.send('never seen')
    good.send('good')
    await native.settle()
    expect(seen).toEqual(['open', 'open', 'data:bad', 'data:good', 'close:handler-error'])
    expect(completions).toHaveLength(1)
    expect(good.closed).toBe(false)
  })

  test.each(['open', 'drain', 'end'] as const)('in %s likewise', async (method) => {
    const handler: Handler = {
      data: (connection) => connection.write('x'.repeat(100)),
      [method]: () => {
        throw undefined
      },
    }
    const options = { highWatermarkBytes: 50, lowWatermarkBytes: 10, maxQueuedBytes: 1_000 }
    const { native, completions } = fakeServer(handler, options)
    const peer = native.connect()
    peer.send('x')
    if (method === 'end') peer.end()
    await native.settle()
    expect(completions).toMatchObject([{ reason: 'handler-error' }])
    expect(completions[0]).toHaveProperty('error', undefined)
  })

  test('after the connection was ended for another reason keeps that reason, and onError gets the error', async () => {
    const handler: Handler = {
      data(connection) {
        connection.destroy()
        throw new Error('after destroy')
      },
    }
    const { native, server, completions } = fakeServer(handler)
    const errors: unknown[] = []
    server.onError((error, { where, completion }) => errors.push([where, error, completion]))
    native.connect().send('x')
    await native.settle()
    expect(completions).toMatchObject([{ reason: 'local-abort' }])
    expect(completions[0]).not.toHaveProperty('error')
    expect(errors).toEqual([['handler', new Error('after destroy'), completions[0]]])
  })
})

describe('an async handler', () => {
  test('that rejects twice ends its connection with the first, and onError gets the other', async () => {
    let count = 0
    const handler: Handler = { data: () => Promise.reject(new Error(`no ${++count}`)) }
    const { native, server, completions } = fakeServer(handler)
    const errors: unknown[] = []
    server.onError((error, { where }) => errors.push([where, error]))
    const peer = native.connect()
    peer.send('x')
    peer.send('y')
    await native.settle()
    expect(completions).toMatchObject([{ reason: 'handler-error', error: new Error('no 1') }])
    expect(errors).toEqual([['handler', new Error('no 2')]])
  })

  test('that rejects ends its connection', async () => {
    const handler: Handler = { data: () => Promise.reject(new Error('later')) }
    const { native, completions } = fakeServer(handler)
    native.connect().send('x')
    await native.settle()
    expect(completions).toMatchObject([{ reason: 'handler-error', error: new Error('later') }])
  })

  test('that rejects after the end is reported to onError', async () => {
    let fail = (_: Error): void => {}
    const handler: Handler = {
      data: () => new Promise((_, reject) => (fail = reject)),
    }
    const { native, server } = fakeServer(handler)
    const errors: unknown[] = []
    server.onError((error, { where }) => errors.push([where, error]))
    const peer = native.connect()
    peer.send('x')
    await native.turn()
    peer.fail('peer-reset', 104)
    await native.turn()
    fail(new Error('too late'))
    await native.turn()
    expect(errors).toEqual([['handler', new Error('too late')]])
  })

  test('that fulfils changes nothing', async () => {
    const { native, completions } = fakeServer({ data: async () => 'done' })
    native.connect().send('x')
    await native.settle()
    expect(completions).toEqual([])
  })
})

describe('an error of a handler', () => {
  const handler: Handler = {
    open() {
      throw new Error('boom')
    },
  }

  test('goes to onError when no code looks at the completion', async () => {
    const { native, server, forget } = fakeServer(handler)
    const errors: unknown[] = []
    server.onError((error, { where }) => errors.push([where, error]))
    forget()
    native.connect()
    await native.settle()
    expect(errors).toEqual([['handler', new Error('boom')]])
  })

  test('does not go there when the completion is looked at', async () => {
    const { native, server, completions } = fakeServer(handler)
    const errors: unknown[] = []
    server.onError((error) => errors.push(error))
    native.connect()
    await native.settle()
    expect(completions).toHaveLength(1)
    expect(errors).toEqual([])
  })
})
