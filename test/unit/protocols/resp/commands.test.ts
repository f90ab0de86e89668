import { describe, expect, test } from 'vitest'
import { command, conversation } from './conversation.js'

const NO_INTEGER = '-ERR value is not an integer or out of range\r\n'

describe('each command', () => {
  test.each([
    ['PING', '+PONG'],
    ['PING hello', '$5\r\nhello'],
    ['ECHO hello', '$5\r\nhello'],
    ['GET nothing', '$-1'],
    ['DEL nothing', ':0'],
    ['EXISTS nothing', ':0'],
    ['TTL nothing', ':-2'],
    ['EXPIRE nothing 10', ':0'],
    ['INCR counter', ':1'],
    ['DBSIZE', ':0'],
    ['FLUSHALL', '+OK'],
    ['SELECT 0', '+OK'],
    ['SELECT 1', '-ERR DB index is out of range'],
    ['PUBLISH nobody hears', ':0'],
    ['UNSUBSCRIBE', '*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0'],
    ['HELLO 3', '-NOPROTO unsupported protocol version'],
    ['COMMAND DOCS', '*0'],
    ['CONFIG GET save', '*2\r\n$4\r\nsave\r\n$0\r\n'],
    ['CONFIG GET maxmemory', '*0'],
    ['CONFIG SET save x', '-ERR unknown subcommand of CONFIG: GET'],
    ['CLIENT GETNAME', '$-1'],
    ['CLIENT SETNAME lamp', '+OK'],
    ['CLIENT KILL all', '-ERR unknown subcommand of CLIENT: LIST, ID, SETNAME, GETNAME'],
    ['get', "-ERR wrong number of arguments for 'get' command"],
    ['get a b', "-ERR wrong number of arguments for 'get' command"],
    ['FLY high', "-ERR unknown command 'FLY'"],
    ['getx', "-ERR unknown command 'getx'"],
    ['SET a 1 EX', '-ERR syntax error'],
    ['SELECT 0', '+OK'],
    ['SELECT \x10', '-ERR DB index is out of range'],
    ['HELLO \x12', '-NOPROTO unsupported protocol version'],
    ['SET a 1 NX XX', '-ERR syntax error'],
    ['SET a 1 EX 5 PX 5', '-ERR syntax error'],
    ['SET a 1 EX 0', '-ERR invalid expire time'],
    ['SET a 1 EX 9007199254740991', '-ERR invalid expire time'],
    ['SET a 1 PX ten', NO_INTEGER.trimEnd()],
    ['EXPIRE a 1.5', NO_INTEGER.trimEnd()],
  ])('%s', async (line, answer) => {
    const { ask } = conversation()
    expect(await ask(`${line}\r\n`)).toBe(`${answer}\r\n`)
  })

  test('an error that repeats what was sent stays one line', async () => {
    const { ask } = conversation()
    expect(await ask(command('a\r\n+OK\r\n'))).toBe("-ERR unknown command 'a  +OK  '\r\n")
  })

  test('SET with NX and XX', async () => {
    const { ask } = conversation()
    expect(await ask('set a 1 xx\nset a 1 nx\nset a 2 nx\nset a 3 xx\nget a\n')).toBe(
      '$-1\r\n+OK\r\n$-1\r\n+OK\r\n$1\r\n3\r\n',
    )
  })

  test('INCR counts exactly, and refuses what it cannot', async () => {
    const { ask } = conversation()
    expect(await ask('set n -2\nincr n\nincr n\nincr n\nget n\n')).toBe(
      '+OK\r\n:-1\r\n:0\r\n:1\r\n$1\r\n1\r\n',
    )
    expect(await ask('set n 9007199254740990\nincr n\nincr n\n')).toBe(
      `+OK\r\n:9007199254740991\r\n${NO_INTEGER}`,
    )
    for (const value of ['x', '01', '1.0', '-0', '', ' 1']) {
      expect(await ask(command('SET', 'n', value) + command('INCR', 'n'))).toBe(
        `+OK\r\n${NO_INTEGER}`,
      )
    }
  })

  test('DEL and EXISTS count their keys', async () => {
    const { ask } = conversation()
    expect(await ask('set a 1\nset b 1\nexists a b c a\ndel a b c a\ndbsize\n')).toBe(
      '+OK\r\n+OK\r\n:3\r\n:2\r\n:0\r\n',
    )
  })

  test('a key above its limit, and more than may be stored, are refused', async () => {
    const { ask } = conversation({ maxStoredBytes: 2000 })
    const long = 'k'.repeat(65_537)
    for (const words of [
      ['SET', long, 'v'],
      ['INCR', long],
    ]) {
      expect(await ask(command(...words))).toBe('-ERR a key has at most 65536 bytes\r\n')
    }
    expect(await ask(command('SET', 'a', 'v'.repeat(1500)))).toBe('+OK\r\n')
    expect(await ask(command('SET', 'b', 'v'.repeat(1500)))).toMatch(/^-OOM command not allowed/)
    expect(await ask('del a\n')).toBe(':1\r\n')
    expect(await ask(command('SET', 'b', 'v'.repeat(1500)))).toBe('+OK\r\n')
  })

  test('QUIT answers, and ends the connection', async () => {
    const { ask, client, bench, completions } = conversation()
    expect(await ask('quit\n')).toBe('+OK\r\n')
    expect(await client.closed).toBe('end')
    await bench.settle()
    expect(completions).toMatchObject([{ reason: 'local-end' }])
  })

  test('CLIENT LIST has a line for each connection, with its name', async () => {
    const { ask, join } = conversation()
    await join().ask('ping\n')
    await ask('client setname lamp\n')
    const list = await ask('client list\n')
    expect(
      list.match(/^id=\d+ addr=192\.0\.2\.1:\d+ name=(lamp)? age=\d+ idle=\d+ /gm),
    ).toHaveLength(2)
  })

  test('CLIENT LIST of more than 1000 connections is refused', async () => {
    const { ask, bench } = conversation()
    for (let others = 0; others < 999; others++) bench.connect()
    expect((await ask('client list\n')).match(/^id=/gm)).toHaveLength(1_000)
    bench.connect()
    expect(await ask('client list\n')).toBe('-ERR more than 1000 clients: ask server.inspect()\r\n')
  })

  test.each(['', 'two words', 'x'.repeat(65), '\u00e9'])(
    'CLIENT SETNAME %j is refused',
    async (name) => {
      const { ask } = conversation()
      expect(await ask(command('CLIENT', 'SETNAME', name))).toMatch(/^-ERR a name has 1 to 64/)
    },
  )
})

describe('channels', () => {
  test('who listens hears, until it leaves or its connection ends', async () => {
    const { ask, client, join } = conversation()
    const [other, publisher] = [join(), join()]
    expect(await ask('subscribe news\n')).toBe('*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n')
    await other.ask('subscribe news\nunsubscribe news\nsubscribe news\n')
    expect(await publisher.ask('publish news rain\n')).toBe(':2\r\n')
    for (const heard of [await ask(''), await other.ask('')]) {
      expect(heard).toBe('*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$4\r\nrain\r\n')
    }
    expect(await publisher.ask('info\n')).toContain('pubsub_channels:1\r\n')
    client.reset()
    other.client.end()
    expect(await publisher.ask('publish news sun\n')).toBe(':0\r\n')
    expect(await publisher.ask('info\n')).toContain('pubsub_channels:0\r\n')
  })

  test('who listens may do little else', async () => {
    const { ask } = conversation()
    await ask('subscribe a b\n')
    expect(await ask('get a\n')).toMatch(/^-ERR Can't execute 'get': only SUBSCRIBE/)
    expect(await ask('ping\n')).toBe('*2\r\n$4\r\npong\r\n$0\r\n\r\n')
    expect(await ask('unsubscribe\nget a\n')).toBe(
      '*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:0\r\n$-1\r\n',
    )
  })

  test('one connection listens to 1024 channels at most', async () => {
    const { ask } = conversation()
    for (let i = 0; i < 1024; i += 128) {
      await ask(command('SUBSCRIBE', ...Array.from({ length: 128 }, (_, j) => `c${i + j}`)))
    }
    expect(await ask('subscribe c0\n')).toContain(':1024')
    expect(await ask('subscribe more\n')).toBe(
      '-ERR a connection listens to at most 1024 channels\r\n',
    )
  })

  test('the name of one has 256 bytes at most', async () => {
    const { ask } = conversation()
    const refused = '-ERR the name of a channel has at most 256 bytes\r\n'
    expect(await ask(command('SUBSCRIBE', 'x'.repeat(256), 'y'.repeat(257)))).toBe(
      `*3\r\n$9\r\nsubscribe\r\n$256\r\n${'x'.repeat(256)}\r\n:1\r\n${refused}`,
    )
    expect(await ask('info\n')).toMatch(/^-ERR Can't execute/)
  })
})
