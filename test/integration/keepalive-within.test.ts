import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { echo, KeepalivePolicy } from '../../lib/index.js'
import { deafen, expectInTime, undeafen, vanish } from '../support/dead-peer.js'
import { openLab } from '../support/lab.js'

describe.concurrent('a policy chosen by its bound', () => {
  test('finds a dead peer within it, and stands the outage it was chosen for', async () => {
    const keepalive = KeepalivePolicy.within(6_000, { outageMs: 4_000 })
    await using lab = await openLab(echo, { keepalive })
    expect(lab.server.keepalive).toMatchObject({
      detectionMs: 6_000,
      warnings: keepalive.warnings,
    })
    const dead = await lab.pair()
    const flapping = await Promise.all(Array.from({ length: 4 }, () => lab.pair()))
    const { reported } = await vanish(dead)
    // Outages of 2.5 s, which a busy machine may make 4 s, beginning at all points of a second.
    await Promise.all(
      flapping.map(async ({ client }, index) => {
        await delay(index * 250)
        await deafen(client.socket)
        await delay(2_500)
        undeafen(client.socket)
      }),
    )
    expectInTime(await reported, 6_000)
    expect(lab.completions.length).toBe(1)
    for (const { client, connection } of flapping) {
      // It was asked again after the outage, and answered.
      expect(connection.info()?.silentMs).toBeLessThan(2_500)
      client.write('ping')
      expect((await client.read(4)).toString()).toBe('ping')
    }
  })

  test('keeps its path and its warnings when a server has it read back', async () => {
    const keepalive = KeepalivePolicy.within(3_000, { pathTimeoutMs: 3_400 })
    await using lab = await openLab(echo, { keepalive })
    expect(keepalive.warnings).toEqual([expect.stringContaining('3000 ms have room for 2 probes')])
    const { connection } = await lab.pair()
    expect(connection.keepalive()).toMatchObject({
      idleMs: 1_000,
      intervalMs: 1_000,
      count: 2,
      detectionMs: 3_000,
      warnings: keepalive.warnings,
    })
    expect(() => connection.keepalive('lan-strict')).toThrow(
      'keepalive.idleMs must be below pathTimeoutMs 3400',
    )
    expect(connection.keepalive()).toMatchObject({ idleMs: 1_000, source: 'inherited' })
  })
})

describe('pathTimeoutMs', () => {
  test('that the policy asks too late for is refused before there is a socket', async () => {
    await expect(openLab({}, { keepalive: 'mobile', pathTimeoutMs: 225_000 })).rejects.toThrow(
      'keepalive.idleMs must be below pathTimeoutMs 225000',
    )
  })

  test('that has room for fewer lost probes is a warning of the server', async () => {
    await using lab = await openLab({}, { keepalive: 'mobile', pathTimeoutMs: 272_000 })
    expect(lab.server.keepalive.warnings).toEqual([
      'pathTimeoutMs 272000 ms is short for a count of 5: if 2 probes in a row are lost, a live connection may be forgotten on its path',
    ])
  })
})
