import { describe, expect } from 'vitest'
import { deafen } from '../support/dead-peer.js'
import { type Client, connect } from '../support/process-clients.js'
import { sideBySide } from '../support/process-scope.js'
import { type JsonEvent, serve, serving, stop } from '../support/process-serve.js'

// A peer that vanished is reported within 3 s. The kernel's timers of a second are less than 0.1 s late
// each, and a busy machine is later: less than the promise, whose 13 % are for timers of any length.
const QUICK = ['--keepalive', '1000/1000/2']
const latest = (detectionMs: number) => detectionMs * 1.05 + 1000

/** Until the server reports that this client's connection has ended. */
async function reported(
  client: Client,
  disconnect: Promise<JsonEvent>,
): Promise<{ event: JsonEvent; afterMs: number }> {
  const vanishedAt = performance.now()
  deafen(client.socket)
  const event = await disconnect
  return { event, afterMs: performance.now() - vanishedAt }
}

describe('a peer that vanishes from holdfast serve', () => {
  sideBySide('while idle: keepalive-timeout within the bound of the policy', async () => {
    const { child, port, listening } = await serving(...QUICK)
    const detectionMs = 3000
    expect(listening.keepalive).toMatchObject({ detectionMs })
    const client = await connect(port)
    await client.exchange('hello')
    const { event, afterMs } = await reported(client, child.event('disconnect'))
    expect(event).toMatchObject({
      ...{ reason: 'keepalive-timeout', actor: 'network', code: 'ETIMEDOUT' },
      ...{ bytesRead: 5, bytesWritten: 5 },
      evidence: { decidedBy: 'kernel', bytesUnsent: 0, tcp: { probes: 2, unackedSegments: 0 } },
    })
    expect(afterMs).toBeLessThan(latest(detectionMs))
    // From the last answer of the peer, which may be as old as the idle time when it vanishes.
    expect(event.detectedMs).toBeGreaterThanOrEqual(detectionMs - 300)
    expect(event.detectedMs).toBeLessThan(latest(detectionMs))
    await stop(child)
  })

  sideBySide('with --user-timeout: within the shorter bound that follows from it', async () => {
    const { child, port, listening } = await serving(
      ...['--keepalive', '1000/1000/10', '--user-timeout', '2000'],
    )
    expect(listening.keepalive).toMatchObject({ userTimeoutMs: 2000, detectionMs: 2000 })
    const client = await connect(port)
    await client.exchange('hello')
    const { event, afterMs } = await reported(client, child.event('disconnect'))
    expect(event).toMatchObject({ reason: 'keepalive-timeout', code: 'ETIMEDOUT' })
    expect(afterMs).toBeLessThan(latest(2000))
    await stop(child)
  })

  sideBySide('in words: who ended it, and for how long it had been silent', async () => {
    const child = serve(...QUICK)
    const ready = await child.line()
    expect(ready).toContain('a dead peer is reported within 3 s')
    const client = await connect(Number(/:(\d+) /.exec(ready)?.[1]))
    await client.exchange('hello')
    deafen(client.socket)
    expect(await child.line((line) => line.startsWith('disconnect'))).toMatch(
      / keepalive-timeout \(ETIMEDOUT\) by network after .*, last heard [234]\d{3} ms before$/,
    )
    await stop(child)
  })
})
