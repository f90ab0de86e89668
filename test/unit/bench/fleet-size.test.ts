import { describe, expect, test } from 'vitest'
import {
  connectionsPerProcess,
  fleetNeeds,
  fleetSize,
  packetsAtOnce,
  probePeriodMs,
  probesAtOnce,
} from '../../../bench/scale/size.js'

describe('the size of a fleet', () => {
  test('one process holds what it can, and a hash is never trusted to deal evenly', () => {
    expect(fleetSize(10_000)).toMatchObject({ servers: 1, clients: 1 })
    expect(fleetSize(200_000)).toMatchObject({ servers: 12, clients: 12 })
    expect(fleetSize(1_000_000)).toMatchObject({ servers: 59, clients: 56 })
  })

  test.each([50_000, 200_000, 1_000_000])('dealt by chance, none of %i is over its limit', (n) => {
    const { servers } = fleetSize(n)
    const held = new Map<number, number>()
    for (let i = 0; i < n; i++) {
      const server = Math.floor(Math.random() * servers)
      held.set(server, (held.get(server) ?? 0) + 1)
    }
    expect(Math.max(...held.values())).toBeLessThanOrEqual(connectionsPerProcess)
  })

  test('needs two descriptors a connection, in the machine and not in a process', () => {
    const needs = fleetNeeds(1_000_000)
    expect(needs.openFiles).toBeGreaterThan(2_000_000)
    expect(needs.openFiles).toBeLessThan(2_100_000)
    expect(needs.descriptorsPerProcess).toBeLessThan(20_000)
  })
})

describe("the kernel's timers", () => {
  // Measured on Linux 6.18 with CONFIG_HZ=250: a probe each 1.02 s.
  test('a probe comes when the bucket of its timer ends', () => {
    expect(probePeriodMs(1000, 1000, 250)).toBe(1024)
    expect(probePeriodMs(5000, 1000, 250)).toBe(5120)
    expect(probePeriodMs(60_000, 12_000, 250)).toBe(61_440)
  })

  test('those of one bucket ring together', () => {
    expect(probesAtOnce(10_000, 1000, 250)).toBe(320)
    expect(probesAtOnce(200_000, 15_000, 250)).toBe(3414)
  })

  test('what is asked again in an instant of its own needs less of a queue', () => {
    const often = { idleMs: 15_000, count: 10 }
    const apart = packetsAtOnce(200_000, { ...often, intervalMs: 2000 }, 250)
    const together = packetsAtOnce(200_000, { ...often, intervalMs: 1000 }, 250)
    expect(apart).toBeLessThan(1000)
    expect(together).toBeGreaterThan(4000)
  })
})
