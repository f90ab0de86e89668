import { describe, expect, it } from 'vitest'
import { io, WELL } from '../support/process-child.js'
import { connectMany } from '../support/process-clients.js'
import { servingWith } from '../support/process-serve.js'

const DESCRIPTORS_MAX = 40
// More than it has descriptors left for.
const CLIENTS = DESCRIPTORS_MAX

describe('a server that runs out of descriptors', () => {
  // What waits in the kernel's queue is served later (epoll); libuv turns it away (uv).
  if (io === 'epoll') {
    it('says so, and lets the others in when there is room again', async () => {
      const { child, port } = await servingWith({ descriptorsMax: DESCRIPTORS_MAX })
      const clients = await connectMany(port, CLIENTS)
      expect(await child.event('refused')).toEqual({ event: 'refused', cause: 'emfile', count: 0 })
      const early = clients.filter((_, index) => index < 10)
      for (const client of early) {
        await client.exchange('hello')
        client.socket.end()
      }
      const room = clients.slice(10, 10 + early.length)
      await Promise.all(room.map((client) => client.exchange('hello')))
      for (const { socket } of clients) {
        socket.destroy()
      }
      await child.line((line) => JSON.parse(line).event === 'open')
      child.kill('SIGTERM')
      expect(await child.ended).toMatchObject(WELL)
    })
  } else {
    it('turns the others away and goes on', async () => {
      const { child, port } = await servingWith({ descriptorsMax: DESCRIPTORS_MAX })
      const clients = await connectMany(port, CLIENTS)
      const last = clients.at(-1)
      await last?.ended
      expect(await clients[0]?.exchange('hello')).toBe('hello')
      child.kill('SIGTERM')
      expect(await child.ended).toMatchObject(WELL)
    })
  }
})
