import { expect, test, vi } from 'vitest'
import { LARGE_WRITE_BYTES } from '../../../lib/core/output.js'
import { OVER_LIMIT, Submitter } from '../../../lib/core/submit.js'
import type { NativeLayout } from '../../../lib/native/reactor.js'
import {
  DESTROY_BY_RESET,
  DESTROY_PLAINLY,
  OP_DESTROY,
  OP_END,
  OP_PAUSE,
  OP_PINGED,
  OP_RESUME,
  OP_WRITE,
} from '../../../lib/native/records.js'
import { fakeLayout } from '../../support/fake-native.js'
import { FakeReactor } from '../../support/fake-reactor.js'
import { fakeServer } from '../../support/fake-server.js'

const NO_LIMIT = 2 ** 31 - 1

function setUp(changes: Partial<NativeLayout> = {}) {
  const layout = fakeLayout(changes)
  const native = new FakeReactor(layout, () => {})
  native.listen({ address: '127.0.0.1', family: 4, port: 0 } as never)
  const submit = new Submitter(native, layout)
  const queued = new Uint32Array(native.queuedBytes)
  const [first, second] = [native.connect(), native.connect()]
  const write = (data: string | Uint8Array, peer = first, encoding: 'utf8' | 'latin1' = 'utf8') =>
    submit.write(peer.slot, peer.generation, data, encoding, NO_LIMIT)
  return { native, submit, queued, first, second, write }
}

const writesIn = (native: FakeReactor) => native.submitted.filter(([op]) => op === OP_WRITE)

test('adjacent writes of one connection become one record', () => {
  const { native, first, write } = setUp()
  expect([write('one '), write('two '), write(Buffer.from('three'))]).toEqual([4, 8, 13])
  native.flush()
  expect(writesIn(native)).toEqual([[OP_WRITE, first.slot, first.generation, 0, 13]])
  expect(first.text).toBe('one two three')
})

test('writes of two connections keep their own records and their order', () => {
  const { native, first, second, write } = setUp()
  write('a1', first)
  write('b1', second)
  write('a2', first)
  native.flush()
  expect(writesIn(native)).toHaveLength(3)
  expect([first.text, second.text]).toEqual(['a1a2', 'b1'])
})

test('another operation between two writes keeps them apart', () => {
  const { native, submit, first, write } = setUp()
  write('a')
  submit.pause(first.slot, first.generation)
  write('b')
  native.flush()
  expect(native.submitted.map(([op]) => op)).toEqual([OP_WRITE, OP_PAUSE, OP_WRITE])
  expect(first.text).toBe('ab')
})

test('each ping is a submission of its own, and none comes after the end', async () => {
  const { native, completions } = fakeServer({
    data(connection) {
      connection.pinged()
      connection.pinged()
      connection.destroy()
      connection.pinged()
    },
    close: (connection) => connection.pinged(),
  })
  const peer = native.connect()
  peer.send('..')
  await native.settle()
  expect(completions).toHaveLength(1)
  const pings = native.submitted.filter(([op]) => op === OP_PINGED)
  expect(pings).toEqual([1, 2].map(() => [OP_PINGED, peer.slot, peer.generation, 0, 0]))
})

test('a write of a later client of the same slot is not merged into an earlier one', () => {
  const { native, submit, first } = setUp()
  submit.write(first.slot, first.generation, 'old', 'utf8', NO_LIMIT)
  submit.write(first.slot, first.generation + 1, 'new', 'utf8', NO_LIMIT)
  native.flush()
  expect(writesIn(native)).toHaveLength(2)
  expect(first.text).toBe('old')
})

test('a full table is flushed and nothing is lost', () => {
  const { native, first, second, write } = setUp({ submissionCapacity: 4 })
  for (let i = 0; i < 10; i++) write(String(i), i % 2 === 0 ? first : second)
  expect(native.flushes).toBe(2)
  native.flush()
  expect([first.text, second.text]).toEqual(['02468', '13579'])
})

test('operations flush a full table too', () => {
  const { native, submit, first } = setUp({ submissionCapacity: 2 })
  for (let i = 0; i < 5; i++) submit.pause(first.slot, first.generation)
  native.flush()
  expect(native.submitted).toHaveLength(5)
})

test('a full slab is flushed before the write that does not fit', () => {
  const { native, first, write } = setUp({ submitSlabBytes: 256 * 1024 })
  const chunk = Buffer.alloc(60_000)
  for (let i = 0; i < 9; i++) write(chunk.fill(i))
  native.flush()
  const bytes = Buffer.concat(first.received)
  expect(bytes.length).toBe(540_000)
  expect([...Array(9).keys()].every((i) => bytes[i * 60_000] === i)).toBe(true)
})

test('bytes are taken before write returns', () => {
  const { native, first, write } = setUp()
  const mine = Buffer.from('before')
  const large = Buffer.alloc(LARGE_WRITE_BYTES + 1, 'x')
  write(mine)
  mine.fill('!')
  write(large)
  large.fill('!')
  native.flush()
  expect(first.text).toBe(`before${'x'.repeat(LARGE_WRITE_BYTES + 1)}`)
})

test.each([
  ['the first of a record', ''],
  ['one that joins a record', 'before'],
])('a write is accounted for before native can see it: %s', (_, before) => {
  const { native, first } = setUp()
  const { slot, generation } = first
  const records = new Int32Array(native.submissions)
  const control = new Uint32Array(native.control)
  const queued = new Uint32Array(native.queuedBytes)
  const seen: number[][] = []
  // What native would find if the worker were terminated right before this write to memory.
  const spied = <Words extends Int32Array | Uint32Array>(words: Words): Words =>
    new Proxy(words, {
      get: (target, key) => Reflect.get(target, key),
      set(target, key, value) {
        const visible = control[0] === 0 ? 0 : (records[4] as number)
        seen.push([visible, control[1] as number, queued[slot] as number])
        return Reflect.set(target, key, value)
      },
    })
  const { Int32Array: Int32, Uint32Array: Uint32 } = globalThis
  // Functions, because these are called with new.
  vi.stubGlobal('Int32Array', function words(memory: ArrayBuffer) {
    return spied(new Int32(memory))
  })
  vi.stubGlobal('Uint32Array', function words(memory: ArrayBuffer) {
    return spied(new Uint32(memory))
  })
  const submit = new Submitter(native, fakeLayout())
  vi.unstubAllGlobals()
  if (before !== '') submit.write(slot, generation, before, 'utf8', NO_LIMIT)
  submit.write(slot, generation, 'hello', 'utf8', NO_LIMIT)
  expect(seen.length).toBeGreaterThanOrEqual(3)
  seen.push([records[4] as number, control[1] as number, queued[slot] as number])
  expect(seen.at(-1)).toEqual(Array(3).fill(before.length + 5))
  for (const [visible = 0, slabUsed = 0, accounted = 0] of seen) {
    expect(slabUsed).toBeGreaterThanOrEqual(visible)
    expect(accounted).toBeGreaterThanOrEqual(visible)
  }
})

test('shared memory is copied before native sees it, and counted as it was then', () => {
  const { native, queued, first, write } = setUp()
  const shared = new Uint8Array(new SharedArrayBuffer(200_000)).fill(0x61)
  const given: Uint8Array[] = []
  const send = native.send.bind(native)
  native.send = (slot, generation, bytes) => {
    given.push(bytes)
    expect(queued[first.slot]).toBe(bytes.length)
    send(slot, generation, bytes)
  }
  first.room = 0
  expect(write(shared)).toBe(200_000)
  expect(given[0]?.buffer).toBeInstanceOf(ArrayBuffer)
  shared.fill(0)
  first.take(200_000)
  expect(first.text).toBe('a'.repeat(200_000))
  expect(queued[first.slot]).toBe(0)
})

test('a write above 64 KiB goes straight to native, after what came before it', () => {
  const { native, queued, first, write } = setUp()
  write('small')
  write(Buffer.alloc(LARGE_WRITE_BYTES, 'a'))
  expect(native.sends).toBe(0)
  write(Buffer.alloc(LARGE_WRITE_BYTES + 1, 'b'))
  expect(native.sends).toBe(1)
  write('after')
  native.flush()
  expect(first.text).toMatch(/^smalla{65536}b{65537}after$/)
  expect(queued[first.slot]).toBe(0)
})

test.each([
  ['utf8', 'grüße, 世界, 🙂', Buffer.from('grüße, 世界, 🙂').toString('latin1')],
  ['latin1', 'grüße', 'grüße'],
  ['utf8', '', ''],
  ['utf8', '\ud800 alone', Buffer.from('\ud800 alone').toString('latin1')],
] as const)('a %s string %j arrives in its bytes', (encoding, text, bytes) => {
  const { native, first, write } = setUp()
  expect(write(text, first, encoding)).toBe(bytes.length)
  native.flush()
  expect(first.text).toBe(bytes)
})

test('long strings of either encoding are neither cut nor changed', () => {
  const { native, first, write } = setUp()
  const text = '界'.repeat(30_000)
  write(text)
  write('ü'.repeat(70_000), first, 'latin1')
  native.flush()
  const bytes = Buffer.concat(first.received)
  expect(bytes.subarray(0, 90_000).toString()).toBe(text)
  expect(bytes.subarray(90_000).toString('latin1')).toBe('ü'.repeat(70_000))
})

test('a string whose worst case does not fit the rest of the slab still arrives whole', () => {
  const { native, first, write } = setUp()
  const text = '界'.repeat(20_000)
  for (let i = 0; i < 10; i++) write(text)
  native.flush()
  expect(Buffer.concat(first.received).toString()).toBe(text.repeat(10))
})

test('views of other types of memory are taken as the bytes they show', () => {
  const { native, first, write } = setUp()
  const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(65)
  write(shared.subarray(1))
  native.flush()
  expect(first.text).toBe('AAA')
})

test('an empty write takes no record', () => {
  const { native, write } = setUp()
  expect(write('')).toBe(0)
  expect(write(new Uint8Array(0))).toBe(0)
  native.flush()
  expect(native.submitted).toEqual([])
})

test('what would exceed the limit is not taken, small or large', () => {
  const { native, submit, queued, first } = setUp()
  const { slot, generation } = first
  expect(submit.write(slot, generation, 'x'.repeat(100), 'utf8', 150)).toBe(100)
  expect(submit.write(slot, generation, 'x'.repeat(51), 'utf8', 150)).toBe(OVER_LIMIT)
  const large = Buffer.alloc(LARGE_WRITE_BYTES + 1)
  expect(submit.write(slot, generation, large, 'utf8', LARGE_WRITE_BYTES)).toBe(OVER_LIMIT)
  expect(queued[slot]).toBe(100)
  native.flush()
  expect(first.text).toHaveLength(100)
})

test.each([[42], [null], [undefined], [{}], [new ArrayBuffer(4)], [new Uint16Array(2)]])(
  'refuses %s as data',
  (data) => {
    const { write } = setUp()
    expect(() => write(data as unknown as string)).toThrow(
      expect.objectContaining({ code: 'ERR_HOLDFAST_OPTION_TYPE' }),
    )
  },
)

test('refuses an encoding it does not know', () => {
  const { first, write } = setUp()
  expect(() => write('x', first, 'hex' as 'utf8')).toThrow(/'utf8' or 'latin1'; got "hex"/)
})

test('the other operations carry their ids and arguments', () => {
  const { native, submit } = setUp()
  submit.end(1, 2, 14)
  submit.destroy(3, 4, 15, DESTROY_BY_RESET)
  submit.destroy(3, 4, 15, DESTROY_PLAINLY)
  submit.pause(5, 6)
  submit.resume(7, 8)
  native.flush()
  expect(native.submitted).toEqual([
    [OP_END, 1, 2, 14, 0],
    [OP_DESTROY, 3, 4, 15, 1],
    [OP_DESTROY, 3, 4, 15, 0],
    [OP_PAUSE, 5, 6, 0, 0],
    [OP_RESUME, 7, 8, 0, 0],
  ])
})
