import { describe, expect, it } from 'vitest'
import { possibleMemory } from '../../../bench/cases/idle.js'
import { wrongRate } from '../../../bench/scale/asking.js'
import { addedFigures, expectAllMeasured, type Window } from '../../../bench/scale/window.js'
import { wireFigures } from '../../../bench/scale/wire.js'
import { worthTelling } from '../../../bench/scale/worth.js'

const quiet: Window = {
  machineCores: 0.02,
  serverCores: 0.001,
  clientCores: 0.001,
  stolenCores: 0,
  wakeUpsPerSecond: 10,
  probesPerSecond: 0,
  beatsPerSecond: 0,
  wireBytesPerSecond: 0,
  dropped: 0,
  lost: 0,
}
const asked: Window = { ...quiet, machineCores: 0.07, serverCores: 0.021, probesPerSecond: 10_000 }

describe('what asking costs', () => {
  it('is told where it is above the noise', () => {
    const { figures, note } = worthTelling(addedFigures(asked, [quiet, quiet], 10_000), 10_000)
    expect(figures.cpuUs).toBeCloseTo(5)
    expect(figures.serverCpuUs).toBeCloseTo(2)
    expect(note).toBeUndefined()
  })

  it('is left out where the quiet windows differ by more, and it says why', () => {
    const louder = { ...quiet, machineCores: 0.12 }
    const added = addedFigures(asked, [quiet, louder], 10_000)
    const { figures, note } = worthTelling(added, 10_000)
    expect(figures).not.toHaveProperty('cpuUs')
    expect(figures).not.toHaveProperty('machineCpuCores')
    expect(figures).toHaveProperty('noiseCores')
    expect(note).toBe('the CPU of it is below the noise of 0.1000 cores')
  })

  it('is left out where it is less than nothing', () => {
    const busy = { ...quiet, machineCores: 0.5, serverCores: 0.1 }
    const { figures, note } = worthTelling(addedFigures(asked, [busy, busy], 10_000), 10_000)
    expect(figures).not.toHaveProperty('cpuUs')
    expect(figures).not.toHaveProperty('serverCpuUs')
    expect(note).toContain('the machine was busy: others had 0.40 cores')
  })

  it('is left out of a window that was not asked as it should be', () => {
    const added = addedFigures(asked, [quiet, quiet], 10_000)
    const { figures, note } = worthTelling(added, 10_000, ['7907 probes a second, expected 9766'])
    expect(figures).not.toHaveProperty('cpuUs')
    expect(note).toBe('7907 probes a second, expected 9766')
  })

  it('cannot be less for the machine than for its processes', () => {
    expect(() => expectAllMeasured(quiet)).not.toThrow()
    expect(() =>
      expectAllMeasured({ machineCores: 0.4, serverCores: 0.35, clientCores: 0.3 }),
    ).toThrow('of 0.6500 cores of servers and clients the soak has seen 0.4000')
  })
})

describe('the rate of probes', () => {
  const scenario = { connections: 10_000, periodMs: 1000 }
  const own = { quick: false, isOwn: true }

  it('is what the timers of the kernel give, and nothing else', () => {
    expect(wrongRate(9766, scenario, own)).toBeUndefined()
    expect(wrongRate(7907, scenario, own)).toMatch(/^7907 probes a second, expected \d+$/)
    expect(wrongRate(12_000, scenario, own)).toBeDefined()
  })

  it('is never that of another policy', () => {
    expect(() => wrongRate(0, scenario, own)).toThrow('0 probes a second, expected')
    expect(() => wrongRate(0, scenario, { quick: true, isOwn: false })).toThrow()
  })

  it("may have others' in it in a smoke run on a network that is shared", () => {
    expect(wrongRate(50_000, scenario, { quick: true, isOwn: false })).toBeUndefined()
    expect(wrongRate(50_000, scenario, { quick: true, isOwn: true })).toBeDefined()
    expect(wrongRate(50_000, scenario, { quick: false, isOwn: false })).toBeDefined()
  })
})

describe('bytes on the wire', () => {
  const size = { connections: 10_000, asksPerSecond: 10_000 }
  const sent = (bytes: number): Window => ({ ...quiet, wireBytesPerSecond: bytes })

  it('are those of asking, beyond what goes over loopback anyway', () => {
    const { figures, reason } = wireFigures(
      'kernel-probes',
      sent(1_320_500),
      [sent(400), sent(600)],
      size,
    )
    expect(figures.bytesPerConnectionDay).toBe((1_320_000 * 86_400) / 10_000)
    expect(reason).toBeUndefined()
  })

  it.each([
    [244_000_000, '24400 bytes a question'],
    [0, '0 bytes a question'],
  ])('are not told where others must be among them: %i', (bytes, told) => {
    const { figures, reason } = wireFigures('kernel-probes', sent(bytes), [quiet, quiet], size)
    expect(figures).toEqual({})
    expect(reason).toContain(told)
  })
})

describe('the memory of an idle connection', () => {
  it('is not less than its share of the JavaScript heap', () => {
    const possible = { residentBytes: 280, heapBytes: 101, proportionalBytes: 270 }
    expect(possibleMemory(possible)).toEqual({ figures: possible })
    const { figures, note } = possibleMemory({ ...possible, residentBytes: 50 })
    expect(figures).toEqual({ heapBytes: 101 })
    expect(note).toContain('50 resident bytes a connection are less than its 101')
  })
})
