import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { io, WELL } from '../support/process-child.js'
import { connect } from '../support/process-clients.js'
import { holdfast, serve, serving, stop } from '../support/process-serve.js'

// ss(8); without what a sanitizer run puts into each process.
function ss(...args: string[]): string {
  const env = { ...process.env, LD_PRELOAD: '' }
  return spawnSync('ss', args, { encoding: 'utf8', env }).stdout ?? ''
}

describe('holdfast serve --json', () => {
  it('tells the life of a connection in events', async () => {
    const { child, port, listening } = await serving('--keepalive', 'interactive')
    expect(Object.keys(listening)).toEqual(['event', 'host', 'port', 'pid', 'io', 'keepalive'])
    expect(listening).toMatchObject({
      host: '127.0.0.1',
      pid: child.pid,
      io,
      keepalive: {
        preset: 'interactive',
        enabled: true,
        idleMs: 20_000,
        intervalMs: 5_000,
        count: 4,
        detectionMs: 40_000,
        source: 'inherited',
        warnings: [],
      },
    })
    const client = await connect(port)
    const open = await child.event('open')
    expect(Object.keys(open)).toEqual(['event', 'id', 'remoteAddress', 'remotePort'])
    expect(open).toMatchObject({
      remoteAddress: '127.0.0.1',
      remotePort: client.socket.localPort,
    })
    await client.exchange('hello')
    const endedAtMs = performance.now()
    client.socket.end()
    const disconnect = await child.event('disconnect')
    const toldAfterMs = performance.now() - endedAtMs
    expect(Object.keys(disconnect)).toEqual([
      ...['event', 'id', 'reason', 'actor', 'code', 'detectedMs', 'bytesRead', 'bytesWritten'],
      ...['durationMs', 'evidence', 'hooks'],
    ])
    expect(disconnect).toMatchObject({
      id: open.id,
      reason: 'peer-end',
      actor: 'peer',
      code: null,
      bytesRead: 5,
      bytesWritten: 5,
      evidence: { decidedBy: 'kernel', bytesUnsent: 0 },
      hooks: { run: 0, failures: [], late: 0 },
    })
    // Since the FIN. The kernel's clock ticks each 4 ms or slower (HZ=250, HZ=100).
    expect(disconnect.detectedMs).toBeLessThanOrEqual(toldAfterMs + 10)
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
    const names = child.events.map(({ event }) => event)
    expect(names).toEqual(['listening', 'open', 'disconnect', 'stats', 'closed'])
    expect(child.events[3]).toMatchObject({
      ...{ arrived: 1, accepted: 1, open: 0, bytesRead: 5, bytesWritten: 5 },
      closed: { 'peer-end': 1 },
      refused: { emfile: 0 },
      ...{ writesAfterEnd: 0, linesDropped: 0 },
    })
  })

  it('names the reason of each end', async () => {
    const { child, port } = await serving()
    const ending = await connect(port)
    ending.socket.end()
    expect(await child.event('disconnect')).toMatchObject({ reason: 'peer-end', actor: 'peer' })
    const resetting = await connect(port)
    await resetting.exchange('hello')
    resetting.socket.resetAndDestroy()
    expect(await child.event('disconnect')).toMatchObject({
      ...{ reason: 'peer-reset', actor: 'peer', code: 'ECONNRESET' },
    })
    const staying = await connect(port)
    await staying.exchange('hello')
    child.kill('SIGTERM')
    expect(await child.event('disconnect')).toMatchObject({ reason: 'shutdown', actor: 'local' })
    expect(await child.event('stats')).toMatchObject({
      closed: { 'peer-end': 1, 'peer-reset': 1, shutdown: 1 },
    })
    expect(await child.ended).toMatchObject(WELL)
    expect((await staying.ended).how).toBe('end')
  })

  it('--quiet keeps listening, stats and closed', async () => {
    const { child, port } = await serving('--quiet')
    const client = await connect(port)
    await client.exchange('hello')
    client.socket.end()
    await client.ended
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
    expect(child.events.map(({ event }) => event)).toEqual(['listening', 'stats', 'closed'])
  })

  it.each([
    { inherit: 'auto', source: 'inherited' },
    { inherit: 'never', source: 'per-socket' },
  ])('--inherit $inherit: the policy comes $source', async ({ inherit, source }) => {
    const { child, listening } = await serving('--inherit', inherit)
    expect(listening.keepalive).toMatchObject({ source, enabled: true, idleMs: 60_000 })
    await stop(child)
  })

  it.each([
    { io: 'auto', chosen: process.platform === 'linux' ? 'epoll' : 'uv' },
    { io: 'uv', chosen: 'uv' },
  ])('--io $io serves by $chosen', async ({ io: asked, chosen }) => {
    const child = holdfast('serve', '--port', '0', '--io', asked, '--json')
    expect(await child.event('listening')).toMatchObject({ io: chosen })
    await stop(child)
  })

  it.skipIf(ss('-V') === '')('--backlog reaches the kernel', async () => {
    const { child, port } = await serving('--backlog', '37')
    // State, queued arrivals, backlog.
    expect(ss('-Hltn', `sport = :${port}`).trim().split(/\s+/).slice(0, 3)).toEqual([
      'LISTEN',
      '0',
      '37',
    ])
    await stop(child)
  })

  it('--reuse-port shares a port among processes; without it the port is taken', async () => {
    const { child: first, port } = await serving('--reuse-port')
    const again = ['--port', String(port)]
    const { child: second, port: samePort } = await serving('--reuse-port', ...again)
    expect(samePort).toBe(port)
    const third = serve('--json', ...again)
    expect(await third.ended).toMatchObject({ code: 1, stdout: '' })
    expect(third.stderr).toMatch(/^holdfast: [^\n]*EADDRINUSE[^\n]*\n$/)
    await stop(first)
    const client = await connect(port)
    expect(await client.exchange('still served')).toBe('still served')
    await stop(second)
  })
})
