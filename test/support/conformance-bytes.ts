import { echo } from '../../lib/index.js'
import type { Scenario, Stage } from './conformance.js'

/** The scenario's last event has happened. */
const over = (stage: Stage, events: readonly string[], count = 1): Promise<void> =>
  stage.until(
    () => events.filter((event) => event.startsWith('close:')).length === count,
    'the end is reported',
  )

/** More than the kernels on both sides hold of a client that does not read. */
const PLENTY = 'x'.repeat(16 * 1024 * 1024)

/** Handlers of bytes: what comes, what goes, and how each side ends. */
export const byteScenarios: readonly Scenario[] = [
  {
    name: 'an echo, and the client ends',
    handler: () => ({ data: (connection, chunk) => echo.data?.(connection, chunk) }),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('hello')
      await stage.until(() => client.text === 'hello', 'the echo is back')
      client.finish()
      await over(stage, events)
      await stage.until(() => client.end === 'end', 'the client sees the end')
    },
    events: ['open', 'data:hello', 'end', 'close:peer-end:peer'],
  },
  {
    name: 'a client that ends at once, with bytes before it',
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('a')
      client.send('b')
      client.finish()
      await over(stage, events)
    },
    events: ['open', 'data:ab', 'end', 'close:peer-end:peer'],
  },
  {
    name: 'the client ends its side, and the server has something to say still',
    options: { allowHalfOpen: true },
    handler: () => ({ end: (connection) => connection.end('and another thing') }),
    async play(stage, events) {
      const client = await stage.connect({ allowHalfOpen: true })
      client.finish()
      await over(stage, events)
      await stage.until(() => client.end === 'end', 'the client sees the end')
      if (client.text !== 'and another thing') throw new Error(`got ${client.text}`)
    },
    events: ['open', 'end', 'close:peer-end:peer'],
  },
  {
    name: 'the server ends its side, and the client has something to say still',
    handler: () => ({
      data(connection, chunk) {
        if (chunk.toString() === 'first') connection.end('bye')
      },
    }),
    async play(stage, events) {
      const client = await stage.connect({ allowHalfOpen: true })
      client.send('first')
      await stage.until(() => client.end === 'end' && client.text === 'bye', 'the server has ended')
      client.send(' second')
      client.finish()
      await over(stage, events)
    },
    events: ['open', 'data:first second', 'end', 'close:local-end:local'],
  },
  {
    name: 'the server ends, and the client answers',
    handler: () => ({ data: (connection) => connection.end() }),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('x')
      await over(stage, events)
      await stage.until(() => client.end === 'end', 'the client sees the end')
    },
    events: ['open', 'data:x', 'end', 'close:local-end:local'],
  },
  {
    name: 'the client resets',
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('x')
      await stage.until(() => events.includes('data:x'), 'the byte is there')
      client.reset()
      await over(stage, events)
    },
    events: ['open', 'data:x', 'close:peer-reset:peer'],
  },
  {
    name: 'the server destroys',
    handler: () => ({ data: (connection) => connection.destroy() }),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('x')
      await over(stage, events)
      await stage.until(() => client.end === 'end', 'the client sees a FIN')
    },
    events: ['open', 'data:x', 'close:local-abort:local'],
  },
  {
    name: 'the server resets',
    handler: () => ({ data: (connection) => connection.reset() }),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('x')
      await over(stage, events)
      await stage.until(() => client.end === 'reset', 'the client sees RST')
    },
    events: ['open', 'data:x', 'close:local-abort:local'],
  },
  {
    name: 'a pause keeps bytes and the end until resume()',
    handler: (note) => ({
      data(connection, chunk) {
        if (chunk.toString() !== 'one') return
        connection.pause()
        note('paused')
      },
    }),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('one')
      await stage.until(() => events.includes('paused'), 'the server is paused')
      client.send('two')
      client.finish()
      await stage.until(() => client.connection.state === 'open', 'nothing happens')
      client.connection.resume()
      await over(stage, events)
    },
    events: ['open', 'data:one', 'paused', 'data:two', 'end', 'close:peer-end:peer'],
  },
  {
    name: 'a reset ends a paused connection too',
    handler: () => ({ open: (connection) => connection.pause() }),
    async play(stage, events) {
      const client = await stage.connect()
      client.reset()
      await over(stage, events)
    },
    events: ['open', 'close:peer-reset:peer'],
  },
  {
    name: 'a client that does not read: write() says so, and drain follows when it reads',
    handler: (note) => ({
      data: (connection) => note(connection.write(PLENTY) ? 'all taken' : 'waits'),
      drain: (connection) => connection.end(),
    }),
    async play(stage, events) {
      const client = await stage.connect()
      client.stopReading()
      client.send('go')
      await stage.until(() => events.includes('waits'), 'the kernels are full')
      client.resumeReading()
      await over(stage, events)
      await stage.until(() => client.text.length === PLENTY.length, 'all has come')
    },
    events: ['open', 'data:go', 'waits', 'drain', 'end', 'close:local-end:local'],
  },
  {
    name: 'a stream of node, whose end is the end',
    handler: (note) => ({
      open(connection) {
        const stream = connection.toDuplex()
        stream.on('data', (chunk) => stream.write(chunk))
        stream.on('end', () => note('stream end'))
        stream.on('close', () => note('stream close'))
      },
    }),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('hello')
      await stage.until(() => client.text === 'hello', 'the echo is back')
      client.finish()
      await over(stage, events)
      await stage.until(() => events.includes('stream close'), 'the stream has closed')
    },
    events: ['open', 'stream end', 'close:peer-end:peer', 'stream close'],
  },
  {
    name: 'more than maxQueuedBytes: slow-consumer',
    options: { maxQueuedBytes: 1_000_000 },
    handler: (note) => ({
      data: (connection) => note(`${connection.write(PLENTY)} ${connection.writable}`),
    }),
    async play(stage, events) {
      const client = await stage.connect()
      client.stopReading()
      client.send('go')
      await over(stage, events)
    },
    events: ['open', 'data:go', 'false false', 'close:slow-consumer:policy'],
  },
  {
    name: 'a handler that throws, and one that rejects',
    handler: () => ({
      data(_connection, chunk) {
        if (chunk.toString() === 'throw') throw new Error('as asked')
        return Promise.reject(new Error('as asked'))
      },
    }),
    async play(stage, events) {
      for (const [at, text] of ['throw', 'reject'].entries()) {
        const client = await stage.connect()
        client.send(text)
        await over(stage, events, at + 1)
        await stage.until(() => client.end === 'end', 'the client sees the end')
        if (!String(client.completion?.error).includes('as asked')) throw new Error('another error')
      }
    },
    events: [
      ...['open', 'data:throw', 'close:handler-error:local'],
      ...['open', 'data:reject', 'close:handler-error:local'],
    ],
  },
]
