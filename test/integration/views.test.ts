import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Connection, discard, echo } from '../../lib/index.js'
import { conservationProblem } from '../support/conservation.js'
import { openLab } from '../support/lab.js'
import { until } from '../support/wait.js'

describe('server.connections', () => {
  test('are the open ones, and may be ended while they are gone through', async () => {
    await using lab = await openLab()
    const pairs = await lab.pairs(50)
    const open = () => new Set(lab.server.connections)
    expect(open()).toEqual(new Set(pairs.map(({ connection }) => connection)))
    for (const connection of lab.server.connections) {
      connection.destroy()
    }
    await Promise.all(pairs.map(({ connection }) => connection.closed))
    expect(open().size).toBe(0)
  })

  test('of one server do not hold those of another on the same loop', async () => {
    await using first = await openLab()
    await using second = await openLab()
    const mine = await first.pair()
    const yours = await second.pair()
    expect([...first.server.connections]).toEqual([mine.connection])
    expect([...second.server.connections]).toEqual([yours.connection])
    expect(mine.connection.server).toBe(first.server)
    expect(yours.connection.server).toBe(second.server)
  })
})

describe('server.counters', () => {
  test('add up while connections are open, and count bytes both ways', async () => {
    await using lab = await openLab(echo)
    const pairs = await lab.pairs(10)
    for (const { client } of pairs) {
      client.write('0123456789')
      await client.read(10)
    }
    const counters = lab.server.counters
    expect(conservationProblem(counters)).toBe(null)
    expect(counters).toMatchObject({ accepted: 10, open: 10, bytesRead: 100, bytesWritten: 100 })
    pairs[0]?.client.reset()
    await pairs[0]?.connection.closed
    expect(lab.server.counters).toMatchObject({ accepted: 10, open: 9 })
    expect(lab.server.counters.closed['peer-reset']).toBe(1)
    expect(counters.open).toBe(10) // a snapshot
  })

  test('do not count as written what the kernel has not taken', async () => {
    await using lab = await openLab()
    const { client, connection } = await lab.pair()
    connection.write(Buffer.alloc(16_000_000))
    const queued = connection.info()?.bytesQueued ?? 0
    expect(queued).toBeGreaterThan(0)
    expect(lab.server.counters.bytesWritten).toBe(16_000_000 - queued)
    await client.read(16_000_000)
    await until(() => connection.info()?.bytesQueued === 0, 'all is taken')
    expect(lab.server.counters.bytesWritten).toBe(16_000_000)
  })
})

describe('connection', () => {
  test('info() tells what the kernel knows now', async () => {
    await using lab = await openLab(discard)
    const { client, connection } = await lab.pair()
    client.write('twelve bytes')
    connection.write('ten bytes.')
    const exchanged = () => {
      const info = connection.info()
      return info?.bytesRead === 12 && info.tcp?.bytesAcked === 10
    }
    await until(exchanged, 'both are through')
    const info = connection.info()
    expect(info).toMatchObject({ bytesRead: 12, bytesWritten: 10, bytesQueued: 0 })
    expect(info?.tcp).toMatchObject({
      state: 'established',
      retransmits: 0,
      probes: 0,
      unackedSegments: 0,
      notSentBytes: 0,
      bytesReceived: 12,
    })
    expect(info?.tcp?.rttUs).toBeGreaterThan(0)
    expect(info?.silentMs).toBeLessThan(1_000)
    client.end()
    await connection.closed
    expect(connection.info()).toBe(null)
  })

  test('state goes open, draining, closed', async () => {
    const states: string[] = []
    const note = (connection: Connection) => void states.push(connection.state)
    await using lab = await openLab({ open: note, end: note, close: note })
    const { client, connection } = await lab.pair()
    note(connection)
    client.end()
    await connection.closed
    expect(states).toEqual(['open', 'open', 'open', 'closed'])
    const other = await lab.pair()
    other.connection.end()
    expect(other.connection.state).toBe('draining')
  })

  test('data is the owner’s, untouched from open to the last hook', async () => {
    const seen: unknown[] = []
    await using lab = await openLab<{ name: string } | undefined>({
      open(connection) {
        seen.push(connection.data)
        connection.data = { name: 'mine' }
      },
      close(connection) {
        seen.push(connection.data?.name)
      },
    })
    const { client, connection } = await lab.pair()
    connection.onCleanup((_, ended) => seen.push(ended.data?.name))
    client.end()
    await connection.closed
    expect(seen).toEqual([undefined, 'mine', 'mine'])
  })

  test('prints as one short line, and so does the server', async () => {
    await using lab = await openLab()
    const { connection } = await lab.pair()
    expect(inspect(connection)).toBe(`Connection { id: ${connection.id}, state: 'open' }`)
    const server = `Server { host: '127.0.0.1', port: ${lab.port}, open: 1 }`
    expect(inspect(lab.server)).toBe(server)
  })
})
