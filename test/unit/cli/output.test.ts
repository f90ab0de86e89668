import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { ServeEvent } from '../../../lib/cli/events.js'
import { Output } from '../../../lib/cli/output.js'

const open = (id: number): ServeEvent => ({
  event: 'open',
  id,
  remoteAddress: null,
  remotePort: null,
})
const format = (event: ServeEvent, dropped: number) =>
  event.event === 'open' ? String(event.id) : `${event.event} ${dropped}`

/** Collects writes; says when the reader is ready for more. */
class Reader extends Writable {
  readonly writes: string[] = []
  pending: (() => void) | null = null
  slow = false

  constructor() {
    super({ highWaterMark: 64, decodeStrings: false })
  }

  override _write(text: string, _encoding: string, done: () => void): void {
    this.writes.push(text)
    if (this.slow) this.pending = done
    else done()
  }

  get lines(): string[] {
    return this.writes.join('').split('\n').slice(0, -1)
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('events of one turn leave in one write, in order, after the turn', async () => {
  const reader = new Reader()
  const output = new Output(reader, format)
  for (let id = 0; id < 3; id++) output.print(open(id))
  expect(reader.writes).toEqual([])
  await output.flushed()
  expect(reader.writes).toEqual(['0\n1\n2\n'])
})

test('a storm is formatted in slices, with turns of the loop in between', async () => {
  const reader = new Reader()
  const output = new Output(reader, format)
  let formatted = 0
  const counting = new Output(new Reader(), (event, dropped) => {
    formatted++
    return format(event, dropped)
  })
  for (let id = 0; id < 2_000; id++) {
    output.print(open(id))
    counting.print(open(id))
  }
  await turn()
  expect(formatted).toBeLessThan(2_000)
  await output.flushed()
  await counting.flushed()
  expect(formatted).toBe(2_000)
  expect(reader.lines).toEqual(Array.from({ length: 2_000 }, (_, id) => String(id)))
})

test('a slow reader slows the printing', async () => {
  const reader = new Reader()
  reader.slow = true
  const output = new Output(reader, format)
  for (let id = 0; id < 2_000; id++) output.print(open(id))
  for (let i = 0; i < 10; i++) await turn()
  expect(reader.writes).toHaveLength(1)
  reader.slow = false
  reader.pending?.()
  await output.flushed()
  expect(reader.lines).toHaveLength(2_000)
})

test('what does not fit the queue is dropped and counted, stats and closed never', async () => {
  const reader = new Reader()
  reader.slow = true
  const output = new Output(reader, format)
  output.print(open(0))
  await turn()
  output.print(open(1))
  output.print(open(2))
  output.print(open(3))
  const limit = 262_144
  for (let id = 4; id < limit + 10; id++) output.print(open(id))
  output.print({ event: 'closed' })
  reader.slow = false
  reader.pending?.()
  await output.flushed()
  expect(reader.lines.at(-1)).toMatch(/^closed [1-9]\d*$/)
  const dropped = Number(reader.lines.at(-1)?.split(' ')[1])
  expect(reader.lines).toHaveLength(limit + 10 - dropped + 1)
})

test('a reader that has gone ends the printing, not the process', async () => {
  const reader = new Reader()
  const output = new Output(reader, format)
  reader.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  await turn()
  output.print(open(1))
  await output.flushed()
  expect(reader.writes).toEqual([])
})

test('a reader that goes while it is slow lets flushed() end', async () => {
  const reader = new Reader()
  reader.slow = true
  const output = new Output(reader, format)
  for (let id = 0; id < 1_000; id++) output.print(open(id))
  await turn()
  const flushed = output.flushed()
  reader.destroy(new Error('gone'))
  await flushed
})
