import { once } from 'node:events'
import { pattern } from './bytes.js'
import { collect, note, over, type Scenario } from './duplex-scenario.js'
import { turns } from './wait.js'

const MIB = 1024 * 1024

/** Who ends first, how, and what is lost by it: nothing, or all that is not on its way. */
export const ends: readonly Scenario[] = [
  {
    name: 'the peer sends and ends, the stream answers with end() on its end',
    async act(side) {
      collect(side)
      side.stream.on('end', () => side.stream.end('answer'))
      side.client.end(pattern(MIB, 1))
      await over(side)
    },
  },
  {
    name: 'the peer ends and nobody reads or answers but the stream itself',
    async act(side) {
      side.client.end()
      await once(side.stream, 'end')
      await turns(3)
      side.log.push(side.stream.readyState)
      side.stream.end()
      await over(side)
    },
  },
  {
    name: 'the peer ends behind bytes that nobody reads: no end before they are read',
    async act(side) {
      side.client.end('unread')
      await once(side.stream, 'readable')
      await turns(5)
      side.log.push(`${side.stream.readableLength} bytes wait`)
      collect(side)
      await once(side.stream, 'end')
      side.stream.end()
      await over(side)
    },
  },
  {
    name: 'the stream ends first and receives on',
    async act(side) {
      collect(side)
      side.stream.end('that was all')
      await once(side.stream, 'finish')
      side.log.push(side.stream.readyState)
      side.log.push((await side.client.rest()).toString())
      side.client.end(pattern(MIB, 2))
      await over(side)
    },
  },
  {
    name: 'both end at once, with bytes both ways',
    async act(side) {
      collect(side)
      side.stream.end(pattern(3 * MIB, 3))
      side.client.end(pattern(3 * MIB, 4))
      await over(side)
    },
  },
  {
    name: 'the peer resets',
    async act(side) {
      side.stream.resume()
      side.client.reset()
      await over(side)
    },
  },
  {
    name: 'the peer resets after its end',
    async act(side) {
      side.stream.resume()
      side.client.write('x')
      await once(side.stream, 'data')
      side.client.reset()
      await over(side)
    },
  },
  {
    name: 'destroy() at once',
    async act(side) {
      side.stream.destroy()
      await over(side)
    },
  },
  {
    name: 'destroy() with an error',
    async act(side) {
      side.stream.destroy(new Error('own'))
      await over(side)
    },
  },
  {
    name: 'destroy() in the data listener',
    async act(side) {
      side.stream.once('data', () => side.stream.destroy())
      side.client.write('x')
      await over(side)
    },
  },
  {
    name: 'destroy() in the end listener',
    async act(side) {
      side.stream.resume().once('end', () => side.stream.destroy())
      side.client.end('x')
      await over(side)
    },
  },
  {
    name: 'destroy() after finish',
    async act(side) {
      side.stream.end('x', () => side.stream.destroy())
      await over(side)
    },
  },
  {
    name: 'destroy() twice, and end() behind it',
    async act(side) {
      side.stream.destroy().destroy()
      side.stream.end(note(side, 'end'))
      await over(side)
    },
  },
  {
    name: 'destroySoon() sends all before',
    async act(side) {
      side.stream.write(pattern(3 * MIB, 5))
      side.stream.destroySoon()
      await over(side)
    },
  },
  {
    name: 'destroySoon() behind end() and finish',
    async act(side) {
      side.stream.end('x')
      await once(side.stream, 'finish')
      side.stream.destroySoon()
      await over(side)
    },
  },
  {
    name: 'resetAndDestroy()',
    async act(side) {
      side.stream.resetAndDestroy()
      await over(side)
    },
  },
]
