import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { WELL } from '../support/process-child.js'
import { connect, connectMany, exchangeAll } from '../support/process-clients.js'
import { sideBySideFor } from '../support/process-scope.js'
import { type Cli, serve } from '../support/process-serve.js'

/** Ended well, perhaps before the server had read the last acknowledgement of a client. */
const DRAINED = {
  ...WELL,
  stderr: expect.stringMatching(/^(holdfast: ending 1 open connection, [^\n]+\n)?$/),
}

/** The line that says it is ready, and the port in it. */
async function ready(child: Cli): Promise<{ line: string; port: number }> {
  const line = await child.line()
  const [, port] = /^holdfast listening on \S+:(\d+) /.exec(line) ?? []
  expect(port, line).toBeDefined()
  return { line, port: Number(port) }
}

interface Place {
  host: string
  shown: string
  dial: string
}

async function answers({ host, shown, dial }: Place): Promise<void> {
  const child = serve('--host', host)
  const { line, port } = await ready(child)
  expect(line).toContain(`listening on ${shown}`)
  const client = await connect(port, dial)
  expect(await client.exchange('hello')).toBe('hello')
  client.socket.end()
  await client.ended
  await child.line((text) => text.startsWith('disconnect '))
  child.kill('SIGTERM')
  expect(await child.ended).toMatchObject(WELL)
}

const ipv6 = Object.values(networkInterfaces())
  .flat()
  .some((face) => face?.address === '::1')

describe('the first line of holdfast serve', () => {
  sideBySideFor<[string, string[], RegExp]>(
    [
      [
        'the default',
        [],
        /^holdfast listening on 127\.0\.0\.1:\d+ keepalive cloud-lb idle 60 s interval 10 s count 6 .*120 s/,
      ],
      [
        'another preset',
        ['--keepalive', 'lan-strict'],
        / keepalive lan-strict idle 5 s interval 1 s count 4 .*9 s/,
      ],
      [
        'values',
        ['--keepalive', '30000/5000/3'],
        / keepalive idle 30 s interval 5 s count 3 .*45 s/,
      ],
      [
        'values that the kernel rounds',
        ['--keepalive', '1500/1000/2'],
        / keepalive idle 2 s interval 1 s count 2 .*4 s/,
      ],
      ['a user timeout', ['--user-timeout', '90000'], / cloud-lb .* user timeout 90000 ms /],
      ['off', ['--keepalive', 'off'], / keepalive off .*a dead peer may never be reported/],
    ],
    'tells the policy as the kernel has it: %s',
    async ([_name, args, pattern]) => {
      const child = serve(...args)
      const { line, port } = await ready(child)
      expect(line).toMatch(pattern)
      expect(line).toContain('read back from the kernel')
      expect(line).toContain(`nc 127.0.0.1 ${port}`)
      child.kill('SIGTERM')
      expect(await child.ended).toMatchObject({ code: 0, signal: null })
    },
  )

  it('says so on stderr when the policy was changed to fit the kernel', async () => {
    const child = serve('--keepalive', '1500/1000/2')
    const { line } = await ready(child)
    expect(line).toContain(', 1 warning on stderr; try: ')
    child.kill('SIGTERM')
    const { stderr } = await child.ended
    expect(stderr).toMatch(/^holdfast: warning: [^\n]*idleMs 1500 ms[^\n]*2000 ms[^\n]*\n$/)
  })

  it.skipIf(!ipv6).each([
    { host: '::1', shown: '[::1]', dial: '::1' },
    { host: '::', shown: '[::]', dial: '::1' },
    { host: '::', shown: '[::]', dial: '127.0.0.1' },
  ])('--host $host answers at $dial', answers)

  it.each([
    { host: '0.0.0.0', shown: '0.0.0.0', dial: '127.0.0.1' },
    { host: 'localhost', shown: '', dial: 'localhost' },
  ])('--host $host answers at $dial', answers)
})

describe('the text of holdfast serve', () => {
  it('is one line for each connection opened and ended, then stats and closed', async () => {
    const child = serve()
    const { port } = await ready(child)
    const client = await connect(port)
    const peer = `127\\.0\\.0\\.1:${client.socket.localPort}`
    await client.exchange('hello')
    client.socket.end()
    await child.line((line) => line.startsWith('disconnect '))
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
    const patterns = [
      /^holdfast listening on /,
      new RegExp(`^open \\d+ ${peer}$`),
      new RegExp(`^disconnect \\d+ ${peer} peer-end by peer after [\\d.]+ s, read 5 written 5$`),
      /^stats arrived 1 accepted 1 open 0, closed peer-end 1, refused 0, read 5 written 5 .*$/,
      /^closed$/,
    ]
    expect(child.lines).toHaveLength(patterns.length)
    for (const [index, pattern] of patterns.entries()) {
      expect(child.lines[index]).toMatch(pattern)
    }
  })

  it.each([1, 2])('says on stderr at the first signal what it waits for: %i', async (count) => {
    const child = serve()
    const { port } = await ready(child)
    const clients = await connectMany(port, count)
    await exchangeAll(clients)
    child.kill('SIGTERM')
    // They answer the server's FIN with their own.
    await Promise.all(clients.map((client) => client.ended))
    const connections = count === 1 ? '1 open connection' : '2 open connections'
    expect(await child.ended).toMatchObject({
      code: 0,
      stderr: `holdfast: ending ${connections}, for up to 10 s; a second signal stops at once\n`,
    })
  })

  it('--quiet leaves the connections out', async () => {
    const child = serve('--quiet')
    const { port } = await ready(child)
    const client = await connect(port)
    await client.exchange('hello')
    client.socket.end()
    await client.ended
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(DRAINED)
    expect(child.lines.map((line) => line.split(' ')[0])).toEqual(['holdfast', 'stats', 'closed'])
  })

  it('--protocol discard reads and says nothing', async () => {
    const child = serve('--protocol', 'discard', '--quiet')
    const { port } = await ready(child)
    const client = await connect(port)
    client.socket.end('x'.repeat(100_000))
    expect(await client.ended).toEqual({ how: 'end', received: '' })
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(DRAINED)
    expect(child.lines[1]).toContain('read 100000 written 0 ')
  })
})
