import { describe, expect, it } from 'vitest'
import { WELL } from '../support/process-child.js'
import { connect } from '../support/process-clients.js'
import { startScenario } from '../support/process-scenario.js'

// beforeExit is emitted when nothing keeps the loop alive any more, so a scenario that says
// 'loop empty' too early was not held by what it should have been held by.

describe('what keeps a process alive', () => {
  it('a loaded module alone does not', async () => {
    const child = startScenario(async ({ load, say }) => {
      await load()
      say('loaded')
    })
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['loaded'])
  })

  it('a listener does, until its server is closed', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      process.on('beforeExit', () => say('loop empty'))
      const server = await listen({
        port: 0,
        io,
        handler: {
          data(connection, chunk) {
            connection.write(chunk)
            if (String(chunk) === 'close') {
              say('close')
              void server.close().then(() => say('closed'))
            }
          },
        },
      })
      say('port', server.address.port)
    })
    const port = await child.heard<number>('port')
    // No connection is left between these two: the listener alone holds the process.
    const first = await connect(port)
    await first.exchange('once')
    first.socket.end()
    await first.ended
    const second = await connect(port)
    await second.exchange('close')
    expect((await second.ended).how).toBe('end')
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['port', 'close', 'closed', 'loop empty'])
  })

  it('a server that is being closed does, past its deadline, referenced or not', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      process.on('beforeExit', () => say('loop empty'))
      for (const referenced of [true, false]) {
        const server = await listen({ port: 0, io, handler: {} })
        if (!referenced) server.unref()
        await server.close({ deadlineMs: 0 })
        say('closed')
      }
    })
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['closed', 'closed', 'loop empty'])
  })

  it('an unreferenced listener does not', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      const server = await listen({ port: 0, io, handler: {} })
      server.unref()
      server.unref()
      say('port', server.address.port)
    })
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['port'])
  })

  it('a listener does again after ref()', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      process.on('beforeExit', () => say('loop empty'))
      const server = await listen({
        port: 0,
        io,
        handler: {
          close() {
            say('unref')
            server.unref()
          },
        },
      })
      server.unref()
      server.ref()
      server.ref()
      say('port', server.address.port)
    })
    const client = await connect(await child.heard<number>('port'))
    client.socket.end()
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['port', 'unref', 'loop empty'])
  })

  it('an open connection alone does, until it has ended', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      process.on('beforeExit', () => say('loop empty'))
      const server = await listen({
        port: 0,
        io,
        handler: {
          open() {
            server.unref()
          },
          data(connection, chunk) {
            connection.write(chunk)
          },
          close() {
            say('ended')
          },
        },
      })
      say('port', server.address.port)
    })
    const client = await connect(await child.heard<number>('port'))
    for (const text of ['one', 'two', 'three']) {
      expect(await client.exchange(text)).toBe(text)
    }
    expect(child.words).toEqual(['port'])
    client.socket.end()
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['port', 'ended', 'loop empty'])
  })

  it('an unreferenced connection does not', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      const server = await listen({
        port: 0,
        io,
        handler: {
          open(connection) {
            connection.unref()
            server.unref()
          },
        },
      })
      say('port', server.address.port)
    })
    const client = await connect(await child.heard<number>('port'))
    expect(await child.ended).toMatchObject(WELL)
    expect((await client.ended).how).toBe('end')
  })

  it('a connection does again after ref()', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      process.on('beforeExit', () => say('loop empty'))
      const server = await listen({
        port: 0,
        io,
        handler: {
          open(connection) {
            server.unref()
            connection.unref()
            connection.ref()
          },
          data(connection, chunk) {
            connection.write(chunk)
          },
          close() {
            say('ended')
          },
        },
      })
      say('port', server.address.port)
    })
    const client = await connect(await child.heard<number>('port'))
    expect(await client.exchange('held')).toBe('held')
    client.socket.end()
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['port', 'ended', 'loop empty'])
  })

  it('a server that is closing does, until its last connection has drained', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      const server = await listen({
        port: 0,
        io,
        handler: {
          open() {
            void server.close().then(({ closed }) => say('closed', closed.shutdown))
            say('closing')
          },
          data(_connection, chunk) {
            say('data', String(chunk))
          },
        },
      })
      say('port', server.address.port)
    })
    const client = await connect(await child.heard<number>('port'))
    client.socket.allowHalfOpen = true
    await child.heard('closing')
    // It has sent its FIN; ours is still to come, and so is what we have to say.
    client.socket.write('last words')
    expect(await child.heard('data')).toBe('last words')
    client.socket.end()
    expect(await child.heard('closed')).toBe(1)
    expect(await child.ended).toMatchObject(WELL)
  })

  it('so does one whose connections are all unreferenced, past its deadline and until its hooks have run', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      process.on('beforeExit', () => say('loop empty'))
      const server = await listen({
        port: 0,
        io,
        handler: {
          open(connection) {
            connection.unref()
            server.unref()
            connection.onCleanup(async () => {
              await new Promise((resolve) => setImmediate(resolve))
              say('cleaned')
            })
            // After the grace of the port, so that nothing but the server is left to hold on to.
            void server.close({ deadlineMs: 400 }).then(({ open }) => say('closed', open))
          },
        },
      })
      say('port', server.address.port)
    })
    const client = await connect(await child.heard<number>('port'))
    // It never answers the FIN.
    client.socket.allowHalfOpen = true
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['port', 'cleaned', 'closed', 'loop empty'])
  })

  it('an asynchronous cleanup hook does, until it has run', async () => {
    const child = startScenario(async ({ load, say, io }) => {
      const { listen } = await load()
      const server = await listen({
        port: 0,
        io,
        handler: {
          open(connection) {
            server.unref()
            connection.onCleanup(async () => {
              await new Promise((resolve) => setImmediate(resolve))
              say('cleaned')
            })
            connection.destroy()
          },
        },
      })
      say('port', server.address.port)
    })
    await connect(await child.heard<number>('port'))
    expect(await child.ended).toMatchObject(WELL)
    expect(child.words).toEqual(['port', 'cleaned'])
  })
})
