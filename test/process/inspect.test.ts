import { expect } from 'vitest'
import { connectClient } from '../support/client.js'
import { Child, io, WELL } from '../support/process-child.js'
import { atTestEnd, sideBySide } from '../support/process-scope.js'

// server.inspect() in processes of their own, which say in JSON what it found.

const serverScript = (options: string, more = '') => `
  import { listen } from './dist/index.js'
  const server = await listen({ port: 0, io: '${io}', keepalive: 'cloud-lb', handler: {}, ${options} })
  const look = () => server.inspect().map(({ connection, timer, tcp, silentMs }) =>
    ({ port: connection.remotePort, timer, state: tcp?.state, silentMs }))
  const say = (what) => console.log(JSON.stringify(what))
  say({ port: server.address.port })
  ${more}
  process.stdin.on('data', () => say({ open: server.counters.open, rows: look() }))
`

interface Row {
  port: number
  timer: { kind: string } | null
  state: string
  silentMs: number
}

async function start(script: string, descriptorsMax?: number) {
  const limit = descriptorsMax === undefined ? {} : { descriptorsMax }
  const child = new Child(['--input-type=module', '-e', script], limit)
  const { port } = JSON.parse(await child.line()) as { port: number }
  return {
    port,
    async look(): Promise<{ open: number; rows: Row[] }> {
      child.process.stdin?.write('look\n')
      return JSON.parse(await child.line())
    },
  }
}

async function dial(port: number): Promise<number> {
  const client = await connectClient(port)
  atTestEnd(() => client.destroy())
  return client.port
}

sideBySide('of two processes on one port each has its own connections, and no other', async () => {
  const first = await start(serverScript('reusePort: true'))
  const options = `reusePort: true, port: ${first.port}`
  const second = await start(serverScript(options))
  const ports = new Set<number>()
  for (let count = 0; count < 40; count++) {
    ports.add(await dial(first.port))
  }
  // The kernel has accepted; the processes do so when they are awake.
  let looks = [await first.look(), await second.look()]
  while (looks.reduce((sum, { open }) => sum + open, 0) < ports.size) {
    looks = [await first.look(), await second.look()]
  }
  const seen = looks.map(({ rows }) => rows.map(({ port }) => port))
  expect(looks.map(({ open }) => open)).toEqual(seen.map(({ length }) => length))
  expect(new Set(seen.flat())).toEqual(ports)
  expect(seen.flat()).toHaveLength(ports.size)
  // 40 connections all on one side: one in 10^12.
  expect(Math.min(...seen.map(({ length }) => length))).toBeGreaterThan(0)
  expect(looks.flatMap(({ rows }) => rows).every(({ timer }) => timer?.kind === 'keepalive')).toBe(
    true,
  )
})

sideBySide(
  'without a descriptor for sock_diag it asks socket by socket, and tells no timers',
  async () => {
    const exhausted = `
    import fs from 'node:fs'
    import net from 'node:net'
    import { once } from 'node:events'
    ${serverScript(
      '',
      `
      const clients = [1, 2, 3].map(() => net.connect(server.address.port, '127.0.0.1'))
      await Promise.all(clients.map((client) => once(client, 'connect')))
      while (server.counters.open < 3) await new Promise((resolve) => setImmediate(resolve))
      say(look())
      const held = []
      try { for (;;) held.push(fs.openSync('/dev/null')) } catch (error) { say(error.code) }
      say(look())
      held.forEach((fd) => fs.closeSync(fd))
      say(look())
      clients.forEach((client) => client.destroy())
      await server.close({ deadlineMs: 0 })
      process.exit()
    `,
    )}`
    const child = new Child(['--input-type=module', '-e', exhausted], {
      descriptorsMax: 64,
      abrupt: true,
    })
    const { stdout, ...ended } = await child.ended
    expect(ended).toEqual(WELL)
    const [, before, error, without, after] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(error).toBe('EMFILE')
    const states = (rows: Row[]) => rows.map(({ port, state }) => `${port} ${state}`).sort()
    const timers = (rows: Row[]) => rows.map(({ timer }) => timer?.kind ?? null)
    expect(timers(before)).toEqual(['keepalive', 'keepalive', 'keepalive'])
    expect(timers(without)).toEqual([null, null, null])
    expect(timers(after)).toEqual(timers(before))
    expect(states(without)).toEqual(states(before))
    expect(states(after)).toEqual(states(before))
    expect((without as Row[]).every(({ silentMs }) => silentMs >= 0)).toBe(true)
  },
)
