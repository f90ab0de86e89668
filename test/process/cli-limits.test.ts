import { connect as connectSocket, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WELL } from '../support/process-child.js'
import { connect, connectMany } from '../support/process-clients.js'
import { servingWith } from '../support/process-serve.js'

// While it starts, node reads many modules side by side.
const DESCRIPTORS_MAX = 96
// More than it has descriptors left for.
const CLIENTS = DESCRIPTORS_MAX

/** Whatever becomes of it: it may be reset while it connects. */
function tryToConnect(port: number): Socket {
  return connectSocket(port, '127.0.0.1').on('error', () => {})
}

async function isServed(port: number): Promise<boolean> {
  try {
    const client = await connect(port)
    const answer = await client.exchange('hello')
    client.socket.destroy()
    return answer === 'hello'
  } catch {
    return false
  }
}

describe('a server that runs out of descriptors', () => {
  it('resets the others and says so, serves on, and takes some when there is room', async () => {
    const { child, port } = await servingWith({ descriptorsMax: DESCRIPTORS_MAX })
    const served = await connectMany(port, 5)
    const flood = Array.from({ length: CLIENTS }, () => tryToConnect(port))
    const refused = await child.event('refused')
    expect(refused).toEqual({ event: 'refused', cause: 'emfile', count: expect.any(Number) })
    expect(refused.count).toBeGreaterThan(0)
    for (const client of served) {
      expect(await client.exchange('hello')).toBe('hello')
    }
    for (const socket of flood) {
      socket.destroy()
    }
    // Room there is as soon as the server has read of their end.
    await expect.poll(() => isServed(port), { timeout: 10_000 }).toBe(true)
    for (const { socket } of served) {
      socket.destroy()
    }
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
  })
})
