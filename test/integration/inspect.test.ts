import { describe, expect, test } from 'vitest'
import type { InspectedConnection, Server } from '../../lib/index.js'
import { connectClient } from '../support/client.js'
import { deafen, quickKeepalive } from '../support/dead-peer.js'
import { openLab } from '../support/lab.js'
import { turns, until } from '../support/wait.js'

const steady = { keepalive: 'cloud-lb' } as const

function rowOf(server: Server, remotePort: number): InspectedConnection {
  const found = server.inspect().filter(({ connection }) => connection.remotePort === remotePort)
  expect(found).toHaveLength(1)
  return found[0] as InspectedConnection
}

describe.concurrent('server.inspect()', () => {
  test('has one row for each open connection, and each row says what conn.info() says', async () => {
    await using lab = await openLab({ data: (conn, chunk) => conn.write(chunk) }, steady)
    const pairs = await lab.pairs(100)
    for (const [at, { client }] of pairs.entries()) {
      client.write('x'.repeat(at + 1))
      await client.read(at + 1)
    }
    await until(
      () => pairs.every(({ connection }) => connection.info()?.tcp?.unackedSegments === 0),
      'all is acknowledged',
    )
    const rows = lab.server.inspect()
    expect(new Set(rows.map(({ connection }) => connection))).toEqual(
      new Set(pairs.map(({ connection }) => connection)),
    )
    expect(rows).toHaveLength(100)
    for (const { connection, timer, ...row } of rows) {
      const info = connection.info()
      const at = pairs.findIndex((pair) => pair.connection === connection)
      expect(row).toMatchObject({ bytesRead: at + 1, bytesWritten: at + 1, bytesQueued: 0 })
      expect(Object.keys(row)).toEqual(Object.keys(info ?? {}))
      // Clocks have gone on between the two looks.
      expect(row.tcp).toEqual({
        ...info?.tcp,
        lastDataSentMs: expect.any(Number),
        lastDataReceivedMs: expect.any(Number),
        lastAckReceivedMs: expect.any(Number),
      })
      expect(row.silentMs).toBeLessThanOrEqual(info?.silentMs as number)
      expect(timer).toMatchObject({ kind: 'keepalive', unanswered: 0 })
      expect(timer?.expiresMs).toBeLessThanOrEqual(60_000)
      expect(timer?.expiresMs).toBeGreaterThan(30_000)
    }
  })

  test('without keepalive no timer runs', async () => {
    await using lab = await openLab({}, { keepalive: false })
    const { client } = await lab.pair()
    expect(rowOf(lab.server, client.port).timer).toEqual({
      kind: 'none',
      expiresMs: 0,
      unanswered: 0,
    })
  })

  test('of a peer that vanished with data outstanding: the retransmissions, and not of its neighbour', async () => {
    await using lab = await openLab({}, steady)
    const [dead, live] = [await lab.pair(), await lab.pair()]
    await deafen(dead.client.socket)
    dead.connection.write('lost')
    live.connection.write('heard')
    const retransmitted = () => (rowOf(lab.server, dead.client.port).timer?.unanswered ?? 0) >= 2
    await until(retransmitted, 'the data is sent again')
    const { timer, tcp, silentMs } = rowOf(lab.server, dead.client.port)
    expect(timer?.kind).toBe('retransmit')
    expect(tcp?.retransmits).toBeGreaterThanOrEqual(2)
    expect(tcp?.unackedSegments).toBe(1)
    expect(silentMs).toBeGreaterThan(200)
    expect(rowOf(lab.server, live.client.port).timer?.kind).toBe('keepalive')
  })

  test('of a peer that reads nothing: the window probes', async () => {
    await using lab = await openLab({}, steady)
    const { client, connection } = await lab.pair()
    connection.write(Buffer.alloc(16 * 1024 * 1024))
    const probing = () => rowOf(lab.server, client.port).timer?.kind === 'window-probe'
    await until(probing, 'the window is closed')
    const { tcp, bytesQueued } = rowOf(lab.server, client.port)
    expect(tcp?.notSentBytes).toBeGreaterThan(0)
    expect(bytesQueued).toBeGreaterThan(0)
  })

  test('of a peer that does not answer keepalive: the probes', async () => {
    await using lab = await openLab({}, { keepalive: { ...quickKeepalive, count: 9 } })
    const [dead, live] = [await lab.pair(), await lab.pair()]
    await deafen(dead.client.socket)
    const probed = () => (rowOf(lab.server, dead.client.port).timer?.unanswered ?? 0) >= 2
    await until(probed, 'two probes are out')
    const { timer, tcp } = rowOf(lab.server, dead.client.port)
    expect(timer?.kind).toBe('keepalive')
    expect(tcp?.probes).toBe(timer?.unanswered)
    expect(rowOf(lab.server, live.client.port).timer?.unanswered).toBeLessThan(2)
  })

  test('dual stack: IPv4 and IPv6 clients alike', async () => {
    await using lab = await openLab({}, { ...steady, host: '::' })
    for (const host of ['127.0.0.1', '::1']) {
      const client = await lab.client({ host })
      await lab.accepted(client.port)
      expect(rowOf(lab.server, client.port).timer?.kind).toBe('keepalive')
    }
    expect(lab.server.inspect()).toHaveLength(2)
  })

  test('never has the connection of another server, though ports and peer are the same', async () => {
    await using lab = await openLab({}, steady)
    const elsewhere = { port: lab.port, host: '127.0.0.2', keepalive: false } as const
    await using second = await openLab({}, elsewhere)
    const other = second.server
    const { client } = await lab.pair({ localAddress: '127.0.0.1' })
    // The same remote address, remote port and local port: only the local address differs.
    const twin = await connectClient(lab.port, {
      host: '127.0.0.2',
      localAddress: '127.0.0.1',
      localPort: client.port,
    })
    try {
      await until(() => other.counters.open === 1, 'the twin is accepted')
      expect(rowOf(lab.server, client.port).timer?.kind).toBe('keepalive')
      expect(rowOf(other, client.port).timer?.kind).toBe('none')
      expect(lab.server.inspect()).toHaveLength(1)
      expect(other.inspect()).toHaveLength(1)
    } finally {
      twin.destroy()
    }
  })

  test('leaves out what is destroyed, at once, and is empty after the end', async () => {
    await using lab = await openLab({}, steady)
    const [gone, kept] = [await lab.pair(), await lab.pair()]
    gone.connection.destroy()
    expect(lab.server.inspect().map(({ connection }) => connection)).toEqual([kept.connection])
    kept.client.end()
    await lab.server.close()
    expect(lab.server.inspect()).toEqual([])
  })

  test('knows the next connection of a slot from the one before', async () => {
    await using lab = await openLab({}, steady)
    for (let round = 0; round < 5; round++) {
      const { client, connection } = await lab.pair()
      expect(rowOf(lab.server, client.port).timer?.kind).toBe('keepalive')
      client.end()
      await connection.closed
      expect(lab.server.inspect()).toEqual([])
    }
  })

  test('has the half-closed, in their state', async () => {
    await using lab = await openLab({}, { ...steady, allowHalfOpen: true })
    const { client } = await lab.pair()
    client.end()
    const ended = () => rowOf(lab.server, client.port).tcp?.state === 'close-wait'
    await until(ended, 'the FIN has arrived')
    expect(rowOf(lab.server, client.port).timer?.kind).toBe('keepalive')
  })

  test('can be asked from within a handler, of the connection that just opened too', async () => {
    const seen: number[] = []
    await using lab = await openLab(
      { open: (connection) => void seen.push(connection.server.inspect().length) },
      steady,
    )
    await lab.pair()
    await lab.pair()
    await turns()
    expect(seen).toEqual([1, 2])
  })
})
