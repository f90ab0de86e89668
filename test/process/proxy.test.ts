import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Connection, Handler } from '../../lib/index.js'
import { haproxy, NOT_SANITIZED, programsMissing } from '../support/haproxy.js'
import { openLab } from '../support/lab.js'
import { type Client, connect } from '../support/process-clients.js'
import { serving, stop } from '../support/process-serve.js'
import { TLV_CRC32C, TLV_UNIQUE_ID } from '../support/proxy-headers.js'

const FROM_LOOPBACK = { from: ['127.0.0.1'] }
const missing = programsMissing('haproxy', 'python3', 'curl')

/** What opened, in order; it echoes. */
function watched(): { opened: Connection[]; handler: Handler } {
  const opened: Connection[] = []
  const handler: Handler = {
    open: (connection) => void opened.push(connection),
    data: (connection, chunk) => void connection.write(chunk),
  }
  return { opened, handler }
}

describe.skipIf(missing !== '')(`behind real proxies${missing && `: ${missing}`}`, () => {
  it.each(['send-proxy', 'send-proxy-v2', 'send-proxy-v2 proxy-v2-options crc32c,unique-id'])(
    'holdfast serve knows the clients of haproxy with %s',
    async (options) => {
      const { child, port } = await serving('--proxy-from', '127.0.0.1')
      const front = await haproxy(port, options)
      const client = await connect(front, '127.0.0.1', { localAddress: '127.0.0.5' })
      expect(await client.exchange('hello')).toBe('hello')
      expect(await child.event('open')).toMatchObject({
        remoteAddress: '127.0.0.5',
        remotePort: client.socket.localPort,
      })
      client.socket.end()
      expect(await child.event('disconnect')).toMatchObject({ reason: 'peer-end', bytesRead: 5 })
      await stop(child)
    },
  )

  it('haproxy adds an id and a checksum, and limits see its clients', async () => {
    const { opened, handler } = watched()
    const limits = { connectionsPerAddress: 1 }
    await using lab = await openLab(handler, { proxy: FROM_LOOPBACK, limits })
    const options = 'send-proxy-v2 proxy-v2-options crc32c,unique-id'
    const front = await haproxy(lab.port, options)
    const clients: Client[] = []
    for (const localAddress of ['127.0.0.5', '127.0.0.6']) {
      const client = await connect(front, '127.0.0.1', { localAddress })
      expect(await client.exchange('hello')).toBe('hello')
      clients.push(client)
    }
    for (const { socket } of clients) {
      const connection = opened.find(({ remotePort }) => remotePort === socket.localPort)
      expect(connection?.remoteAddress).toBe(socket.localAddress)
      const proxy = connection?.proxy
      expect(proxy).toMatchObject({ version: 2, local: false, destinationPort: front })
      const values = new Map(proxy?.tlvs.map(({ type, value }) => [type, value]))
      expect(String(values.get(TLV_UNIQUE_ID))).toMatch(/^7F00000[56]-/)
      expect(String(values.get(TLV_UNIQUE_ID))).toMatch(
        new RegExp(`-${socket.localPort?.toString(16)}$`, 'i'),
      )
      expect(values.get(TLV_CRC32C)).toHaveLength(4)
    }
    const second = await connect(front, '127.0.0.1', { localAddress: '127.0.0.5' })
    await second.ended
    expect(lab.server.counters.refused['per-address']).toBe(1)
  })

  it('a health check of haproxy is local', async () => {
    const { opened, handler } = watched()
    await using lab = await openLab(handler, { proxy: FROM_LOOPBACK })
    await haproxy(lab.port, 'check inter 100 send-proxy-v2 check-send-proxy')
    await expect.poll(() => opened.length, { timeout: 5_000 }).toBeGreaterThan(0)
    expect(opened[0]?.proxy).toMatchObject({ version: 2, local: true, destinationAddress: null })
    expect(lab.server.counters.refused['proxy-header']).toBe(0)
  })

  it('curl speaks version 1', async () => {
    const proxies: unknown[] = []
    const handler: Handler = {
      open: ({ proxy }) => void proxies.push(proxy),
      data(connection) {
        const body = `${connection.remoteAddress}\n`
        connection.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      },
    }
    await using lab = await openLab(handler, { proxy: FROM_LOOPBACK })
    const url = `http://127.0.0.1:${lab.port}/`
    const args = ['--silent', '--show-error', '--max-time', '10', '--haproxy-protocol', url]
    const { stdout } = await promisify(execFile)('curl', args, {
      env: { ...process.env, ...NOT_SANITIZED },
    })
    expect(stdout).toBe('127.0.0.1\n')
    expect(proxies).toMatchObject([
      { version: 1, local: false, destinationAddress: '127.0.0.1', destinationPort: lab.port },
    ])
  })
})
