import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { conservationProblem } from '../support/conservation.js'
import { WELL } from '../support/process-child.js'
import { connect, connectMany, dial, exchangeAll } from '../support/process-clients.js'
import { type Cli, serve, serving, servingWith } from '../support/process-serve.js'

/** The counters it printed last, which must add up. */
function lastStats(child: Cli) {
  const stats = child.events.filter(({ event }) => event === 'stats').at(-1)
  expect(conservationProblem(stats as never)).toBe(null)
  return stats
}

describe('how holdfast serve drains', () => {
  it('says --goodbye to each client, and to those that wait to be accepted', async () => {
    const { child, port } = await serving('--goodbye', 'back in a minute\n')
    const served = await connectMany(port, 20)
    await exchangeAll(served)
    const before = served.map(({ received }) => received)
    // While it stands still the kernel completes handshakes for it.
    child.kill('SIGSTOP')
    const waiting = await connectMany(port, 100)
    child.kill('SIGTERM')
    child.kill('SIGCONT')
    const ends = await Promise.all([...served, ...waiting].map((client) => client.ended))
    expect(ends.map(({ how }) => how)).toEqual(Array(120).fill('end'))
    expect(ends.map(({ received }) => received)).toEqual([
      ...before.map((text) => `${text}back in a minute\n`),
      ...Array(100).fill('back in a minute\n'),
    ])
    expect(await child.ended).toMatchObject(WELL)
    expect(lastStats(child)).toMatchObject({ arrived: 120, accepted: 120, open: 0 })
  })

  it('destroys after --drain who does not end', async () => {
    const { child, port } = await serving('--drain', '300ms')
    const client = await connect(port)
    client.socket.allowHalfOpen = true
    await client.exchange('hello')
    child.kill('SIGTERM')
    await once(client.socket, 'end')
    expect(await child.event('disconnect')).toMatchObject({ reason: 'shutdown' })
    expect(await child.ended).toMatchObject(WELL)
  })

  it('spreads the ends by --drain-per-second, and warns where the time is too short', async () => {
    const { child, port } = await serving('--drain', '1s', '--drain-per-second', '2')
    const clients = await connectMany(port, 5)
    await exchangeAll(clients)
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject({
      code: 0,
      stderr:
        'holdfast: warning: close: 5 connections at perSecond 2 take 2500 ms; what is left at the deadline, in 1000 ms, ends then, at once\n',
    })
    expect(lastStats(child)).toMatchObject({ open: 0, closed: { shutdown: 5 } })
  })

  it('as text, tells for how long', async () => {
    const child = serve('--drain', '20s')
    const line = await child.line()
    const client = await connect(Number(/:(\d+) /.exec(line)?.[1]))
    await client.exchange('hello')
    child.kill('SIGTERM')
    const { stderr } = await child.ended
    expect(stderr).toBe(
      'holdfast: ending 1 open connection, for up to 20 s; a second signal stops at once\n',
    )
  })
})

describe('limits of holdfast serve', () => {
  it('--max-connections lets the next one wait until there is room', async () => {
    const { child, port } = await serving('--max-connections', '1')
    const first = await connect(port)
    await first.exchange('hello')
    const second = await connect(port)
    first.socket.end()
    expect(await second.exchange('at last')).toBe('at last')
    second.socket.end()
    await second.ended
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
    expect(lastStats(child)).toMatchObject({ arrived: 2, accepted: 2 })
  })

  it('--max-per-address resets the next one of that address', async () => {
    const { child, port } = await servingWith({}, '--max-per-address', '1')
    const first = await connect(port)
    await first.exchange('hello')
    expect((await dial(port).ended).how).toBe('ECONNRESET')
    expect(await child.event('refused')).toMatchObject({ cause: 'per-address', count: 1 })
    first.socket.end()
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
    expect(lastStats(child)).toMatchObject({ arrived: 2, accepted: 1 })
  })

  it('--idle ends a connection on which nothing moves', async () => {
    const { child, port } = await serving('--idle', '100ms')
    const client = await connect(port)
    await client.exchange('hello')
    expect(await child.event('disconnect')).toMatchObject({ reason: 'idle-timeout' })
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
  })
})
