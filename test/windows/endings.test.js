// How connections end and what is reported of it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { echo } from 'holdfast'
import { connectTo, quickMs, read, serve, until } from './support.js'

const timeout = quickMs

describe('endings', { concurrency: true }, () => {
  test('FIN is peer-end', { timeout }, async () => {
    const { completions, connect, close } = await serve(echo)
    const socket = await connect()
    socket.end('bye')
    assert.equal(String(await read(socket, 3)), 'bye')
    await until(() => completions.length === 1)
    const { reason, actor, code, errno, bytesRead, bytesWritten } = completions[0] ?? {}
    assert.deepEqual(
      { reason, actor, code, errno },
      {
        reason: 'peer-end',
        actor: 'peer',
        code: null,
        errno: 0,
      },
    )
    assert.deepEqual([bytesRead, bytesWritten], [3, 3])
    await close()
  })

  test('RST is peer-reset, with the code and the number Node has for it', { timeout }, async () => {
    const { completions, connect, close } = await serve(echo)
    const socket = await connect()
    socket.write('ping')
    await read(socket, 4)
    socket.resetAndDestroy()
    await until(() => completions.length === 1)
    const { reason, code, errno, evidence } = completions[0] ?? {}
    assert.deepEqual(
      { reason, code, errno, tcp: evidence?.tcp },
      {
        reason: 'peer-reset',
        code: 'ECONNRESET',
        errno: -4077,
        tcp: null,
      },
    )
    await close()
  })

  test('RST while bytes wait to be sent says how many were not', { timeout }, async () => {
    const { completions, connect, close } = await serve({
      open: (connection) => void connection.write(Buffer.alloc(32 * 1024 * 1024)),
    })
    const socket = await connect()
    await new Promise((resolve) => setTimeout(resolve, 200))
    socket.resetAndDestroy()
    await until(() => completions.length === 1)
    const { reason, bytesWritten = 0, evidence } = completions[0] ?? {}
    assert.equal(reason, 'peer-reset')
    assert.ok(evidence && evidence.bytesUnsent > 0)
    assert.equal(bytesWritten + evidence.bytesUnsent, 32 * 1024 * 1024)
    await close()
  })

  test('connection.reset() sends RST', { timeout }, async () => {
    const { completions, connect, close } = await serve({
      data: (connection) => connection.reset(),
    })
    const socket = await connect()
    socket.write('go')
    await assert.rejects(once(socket, 'close'), { code: 'ECONNRESET' })
    await until(() => completions.length === 1)
    assert.equal(completions[0]?.reason, 'local-abort')
    await close()
  })

  test('cleanup hooks run once, last in first out, one that throws harms none', {
    timeout,
  }, async () => {
    /** @type {string[]} */
    const ran = []
    const failure = new Error('of a hook')
    const { server, completions, connect, close } = await serve({
      open(connection) {
        connection.onCleanup(() => void ran.push('first'))
        connection.onCleanup(async () => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          ran.push('second')
        })
        connection.onCleanup(() => {
          throw failure
        })
        connection.onCleanup(() => void ran.push('last'))
      },
      close: () => void ran.push('close'),
    })
    server.onCleanup(() => void ran.push('server'))
    const socket = await connect()
    socket.resetAndDestroy()
    await until(() => completions.length === 1)
    assert.deepEqual(ran, ['close', 'last', 'second', 'first', 'server'])
    const hooks = completions[0]?.hooks
    assert.equal(hooks?.run, 5)
    assert.deepEqual(hooks?.failures, [{ error: failure, where: 'connection' }])
    await close()
  })

  // The peer is a socket of the Linux below that the kernel lets hear nothing any more; see deaf-peer.js.
  test('a peer that vanished is keepalive-timeout in time, a live one stays', {
    timeout: 30_000,
  }, async () => {
    const keepalive = { idleMs: 2_000, intervalMs: 1_000, count: 10 }
    const { server, completions, connect, close } = await serve(echo, { keepalive })
    const live = await connect()
    const began = Date.now()
    const control = await connectTo(Number(process.env.HOLDFAST_DEAF_PEER))
    control.write(`${server.address.port}\n`)
    const remotePort = Number(await read(control, 5))
    await until(() => completions.length === 1)
    const afterMs = Date.now() - began
    const { reason, actor, code, errno } = completions[0] ?? {}
    assert.deepEqual(
      { reason, actor, code, errno, port: completions[0]?.remotePort },
      {
        reason: 'keepalive-timeout',
        actor: 'network',
        code: 'ETIMEDOUT',
        errno: -4039,
        port: remotePort,
      },
    )
    const { detectionMs } = server.keepalive
    assert.ok(detectionMs !== null && afterMs <= detectionMs + 1_000, `${afterMs}, ${detectionMs}`)
    live.write('ping')
    assert.equal(String(await read(live, 4)), 'ping')
    control.destroy()
    await close()
  })
})
