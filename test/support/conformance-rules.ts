import { lines, ProtocolError, protocol } from '../../lib/index.js'
import type { Scenario, Stage } from './conformance.js'
import { quickKeepalive } from './dead-peer.js'

const closes = (events: readonly string[]): number =>
  events.filter((event) => event.startsWith('close:')).length

const over = (stage: Stage, events: readonly string[], count = 1): Promise<void> =>
  stage.until(() => closes(events) === count, 'the end is reported')

/** The rules of a server: protocols, deadlines, identities, drain, peers that vanish. */
export const ruleScenarios: readonly Scenario[] = [
  {
    name: 'messages however they are cut, and their answers in order',
    handler: (note) =>
      protocol({
        codec: lines(),
        concurrency: 4,
        async answer(_connection, line) {
          note(`message:${line}`)
          for (let turns = line === 'slow' ? 5 : 1; turns > 0; turns--) {
            await new Promise((resolve) => setImmediate(resolve))
          }
          return `${line}!`
        },
      }),
    async play(stage, events) {
      const client = await stage.connect()
      for (const part of ['sl', 'ow\nqui', 'ck\n']) client.send(part)
      await stage.until(() => client.text === 'slow!\nquick!\n', 'both answers are there')
      client.finish()
      await over(stage, events)
    },
    events: ['open', 'message:slow', 'message:quick', 'end', 'close:peer-end:peer'],
  },
  {
    name: 'an endless line: malformed, and protocol-error',
    handler: (note) =>
      protocol({
        codec: lines({ maxMessageBytes: 8 }),
        message: (_connection, line) => note(`message:${line}`),
        malformed(connection, error) {
          note(`malformed at ${error.offset}`)
          connection.write('too long')
        },
      }),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('short\nmuch too long a line')
      await over(stage, events)
      await stage.until(() => client.end === 'end', 'the client sees the end')
      const { error } = client.connection.completion ?? {}
      if (!(error instanceof ProtocolError) || error.limit !== 8) throw new Error(String(error))
      if (client.text !== 'too long') throw new Error(`got ${client.text}`)
    },
    events: ['open', 'message:short', 'malformed at 14', 'close:protocol-error:policy'],
  },
  {
    name: 'an end within a message: protocol-error',
    handler: (note) =>
      protocol({ codec: lines(), message: (_connection, line) => note(`message:${line}`) }),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('whole\nhalf')
      client.finish()
      await over(stage, events)
    },
    events: ['open', 'message:whole', 'close:protocol-error:policy'],
  },
  {
    name: 'the idle time is over',
    options: { deadlines: { idleMs: 150 } },
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('x')
      await over(stage, events)
      await stage.until(() => client.end === 'end', 'the client sees the end')
    },
    events: ['open', 'data:x', 'close:idle-timeout:policy'],
  },
  {
    name: 'the handshake is not complete in time, where the other one is',
    options: { deadlines: { handshakeMs: 150 } },
    handler: (note) => ({
      data(connection, chunk) {
        note(`${chunk}`)
        connection.ready()
      },
    }),
    async play(stage, events) {
      const ready = await stage.connect()
      ready.send('ready')
      await stage.until(() => events.includes('ready'), 'the first is ready')
      await stage.connect()
      await over(stage, events)
      ready.finish()
      await over(stage, events, 2)
    },
    events: [
      ...['open', 'data:ready', 'ready', 'open', 'close:handshake-timeout:policy'],
      ...['end', 'close:peer-end:peer'],
    ],
  },
  {
    name: 'a heartbeat that is answered',
    options: { heartbeat: { intervalMs: 400, replyMs: 400 } },
    handler: () => ({ heartbeat: (connection) => void connection.write('ping') }),
    async play(stage, events) {
      const client = await stage.connect()
      await stage.until(() => client.text === 'ping', 'the first ping')
      client.send('pong')
      await stage.until(() => client.text === 'pingping', 'the second ping')
      client.finish()
      await over(stage, events)
    },
    events: ['open', 'heartbeat', 'data:pong', 'heartbeat', 'end', 'close:peer-end:peer'],
  },
  {
    name: 'a heartbeat that is not answered',
    options: { heartbeat: { intervalMs: 150, replyMs: 100 } },
    handler: () => ({ heartbeat: (connection) => void connection.write('ping') }),
    async play(stage, events) {
      const client = await stage.connect()
      await over(stage, events)
      await stage.until(() => client.text === 'ping' && client.end === 'end', 'one ping, the end')
    },
    events: ['open', 'heartbeat', 'close:heartbeat-timeout:policy'],
  },
  {
    name: 'a lifetime is over, and the client answers',
    options: { deadlines: { lifetimeMs: 150 } },
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      await over(stage, events)
      await stage.until(() => client.end === 'end', 'the client sees the end')
    },
    events: ['open', 'end', 'close:lifetime:policy'],
  },
  {
    name: 'a lifetime is over, and the client does not answer',
    options: { deadlines: { lifetimeMs: 150, endMs: 100 } },
    handler: () => ({}),
    async play(stage, events) {
      await stage.connect({ allowHalfOpen: true })
      await over(stage, events)
    },
    events: ['open', 'close:lifetime:policy'],
  },
  {
    name: 'bytes wait for a client for too long: slow-consumer',
    options: { deadlines: { backlogMs: 150 } },
    handler: () => ({
      data: (connection) => void connection.write('x'.repeat(16 * 1024 * 1024)),
    }),
    async play(stage, events) {
      const client = await stage.connect()
      client.stopReading()
      client.send('go')
      await over(stage, events)
    },
    events: ['open', 'data:go', 'close:slow-consumer:policy'],
  },
  {
    name: 'a client that sends too fast: it is read at its rate, and nothing is lost',
    options: { limits: { readBytesPerSecond: 400_000, readBurstBytes: 50_000 } },
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('x'.repeat(100_000))
      client.finish()
      await over(stage, events)
      const { throttled, bytesRead } = stage.server.counters
      if (throttled === 0 || bytesRead !== 100_000) throw new Error(`${throttled}, ${bytesRead}`)
    },
    events: ['open', `data:${'x'.repeat(100_000)}`, 'end', 'close:peer-end:peer'],
  },
  {
    name: 'a client that sends too fast, where that ends it: the first byte too many',
    options: { limits: { readBytesPerSecond: 1_000, readBurstBytes: 100, whenFast: 'end' } },
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      client.send('x'.repeat(150))
      await over(stage, events)
    },
    events: ['open', `data:${'x'.repeat(101)}`, 'close:rate-limit:policy'],
  },
  {
    name: 'a client that pings too often, where that ends it',
    options: { limits: { pingsPerMinute: 60, pingBurst: 2, whenPinging: 'end' } },
    handler: (note) =>
      protocol({
        codec: lines(),
        message(connection, line) {
          note(line)
          connection.pinged()
        },
      }),
    async play(stage, events) {
      const client = await stage.connect()
      for (const at of [1, 2, 3]) {
        client.send('ping\n')
        await stage.until(() => events.length > at, 'the ping has come')
      }
      await over(stage, events)
    },
    events: ['open', 'ping', 'ping', 'ping', 'close:rate-limit:policy'],
  },
  {
    name: 'a client that comes again replaces its old connection',
    handler: (note) =>
      protocol({
        codec: lines(),
        async message(connection, name) {
          const old = await connection.server.identify(connection, name)
          note(`${name} is here, after ${old?.reason}`)
        },
      }),
    async play(stage, events) {
      const first = await stage.connect()
      first.send('me\n')
      await stage.until(() => events.length === 2, 'the first is here')
      const second = await stage.connect()
      second.send('me\n')
      await stage.until(() => events.includes('me is here, after replaced'), 'the second is')
      await stage.until(() => first.end === 'end', 'the first sees the end')
      second.finish()
      await over(stage, events, 2)
    },
    events: [
      ...['open', 'me is here, after undefined', 'open', 'close:replaced:policy'],
      ...['me is here, after replaced', 'end', 'close:peer-end:peer'],
    ],
  },
  {
    name: 'the server closes, and says goodbye',
    handler: () => ({ shutdown: (connection) => void connection.write('see you') }),
    async play(stage, events) {
      const client = await stage.connect()
      stage.server.close({ message: '!' })
      await over(stage, events)
      await stage.until(() => client.end === 'end', 'the client sees the end')
      if (client.text !== 'see you!') throw new Error(`got ${client.text}`)
    },
    events: ['open', 'shutdown', 'end', 'close:shutdown:local'],
  },
  {
    name: 'a client vanishes while nothing is outstanding',
    options: { keepalive: quickKeepalive },
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      await client.vanish()
      await over(stage, events)
    },
    events: ['open', 'close:keepalive-timeout:network'],
  },
  {
    name: 'a client vanishes, and something is sent to it',
    options: { keepalive: quickKeepalive },
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      await client.vanish()
      client.connection.write('anybody there?')
      await over(stage, events)
    },
    events: ['open', 'close:send-timeout:network'],
  },
  {
    name: 'a client vanishes, and the server ends',
    options: { keepalive: quickKeepalive },
    handler: () => ({}),
    async play(stage, events) {
      const client = await stage.connect()
      await client.vanish()
      client.connection.end()
      await over(stage, events)
    },
    events: ['open', 'close:send-timeout:network'],
  },
]
