import { once } from 'node:events'
import { finished, pipeline } from 'node:stream/promises'
import { digest, pattern } from './bytes.js'
import type { Side } from './duplex-sides.js'
import { turns } from './wait.js'

const MIB = 1024 * 1024

export interface Scenario {
  readonly name: string
  /** Until all has happened; what is worth comparing goes to `log`. */
  act(side: Side): Promise<void>
}

/** The bytes are compared as a whole: how they are cut into chunks is the kernel's matter. */
function collect({ stream, log }: Side): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => log.push(`received ${digest(Buffer.concat(chunks))}`))
}

async function over({ stream, client, log, closed }: Side): Promise<void> {
  const heard = client.untilOver()
  await closed
  log.push(`client ${digest(await heard)} ${client.error?.code ?? 'no error'}`)
  const { destroyed, readable, writable, readyState, readableEnded, writableFinished } = stream
  log.push(JSON.stringify({ destroyed, readable, writable, readyState }))
  log.push(JSON.stringify({ readableEnded, writableFinished, errored: stream.errored !== null }))
}

function note({ log }: Side, what: string): (error?: Error | null) => void {
  return (error) => log.push(`${what}: ${(error as NodeJS.ErrnoException | null)?.code ?? 'done'}`)
}

export const scenarios: readonly Scenario[] = [
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
  {
    name: 'a write behind end()',
    async act(side) {
      side.stream.end()
      side.log.push(`${side.stream.write('late', note(side, 'write'))}`)
      await over(side)
    },
  },
  {
    name: 'a write behind destroy()',
    async act(side) {
      side.stream.destroy()
      side.log.push(`${side.stream.write('late', note(side, 'write'))}`)
      await over(side)
    },
  },
  {
    name: 'a write after the end of the peer was answered',
    async act(side) {
      side.stream.resume().on('end', () => side.stream.write('in time', note(side, 'in time')))
      side.client.end()
      await once(side.stream, 'end')
      await turns()
      side.stream.write('late', note(side, 'late'))
      if (!side.stream.writableEnded) side.stream.end()
      await over(side)
    },
  },
  {
    name: 'writes of every encoding, in order',
    async act(side) {
      const { stream } = side
      stream.write('grüße\u{1F44B}')
      stream.write('grüße', 'latin1')
      stream.write('c3bc', 'hex')
      stream.write('w7w=', 'base64')
      stream.write('ü', 'utf16le')
      stream.write('abc', 'ascii')
      stream.write(new Uint8Array([1, 2, 3]))
      side.log.push(`${stream.bytesWritten} written`)
      stream.end('.', note(side, 'end'))
      side.client.end()
      stream.resume()
      await over(side)
      side.log.push(`${stream.bytesWritten} written, ${stream.bytesRead} read`)
    },
  },
  {
    name: 'corked writes, with their callbacks',
    async act(side) {
      const { stream } = side
      stream.cork()
      for (let i = 0; i < 5; i++) stream.write(`${i}`, note(side, `write ${i}`))
      side.log.push(`${stream.bytesWritten} written`)
      stream.uncork()
      stream.end(note(side, 'end'))
      stream.resume()
      side.client.end()
      await over(side)
    },
  },
  {
    name: 'what cannot be written',
    async act(side) {
      for (const value of [null, 1, {}]) {
        try {
          side.stream.write(value as never)
        } catch (error) {
          side.log.push((error as NodeJS.ErrnoException).code as string)
        }
      }
      side.stream.destroy()
      await over(side)
    },
  },
  {
    name: 'setEncoding(), and a character cut in two',
    async act(side) {
      let text = ''
      side.stream.setEncoding('utf8').on('data', (more: string) => {
        text += more
      })
      const bytes = Buffer.from('ü')
      side.client.write(bytes.subarray(0, 1))
      await turns(3)
      side.client.end(bytes.subarray(1))
      await once(side.stream, 'end')
      side.log.push(text)
      side.stream.end()
      await over(side)
    },
  },
  {
    name: 'pause() and resume()',
    async act(side) {
      collect(side)
      side.stream.pause()
      side.client.end(pattern(4 * MIB, 6))
      await turns(20)
      side.log.push(`${side.stream.isPaused()}`)
      side.stream.resume()
      await once(side.stream, 'end')
      side.stream.end()
      await over(side)
    },
  },
  {
    name: 'an echo by pipe()',
    async act(side) {
      side.stream.pipe(side.stream)
      side.client.end(pattern(8 * MIB, 7))
      await over(side)
    },
  },
  {
    name: 'an echo by pipeline()',
    async act(side) {
      const done = pipeline(side.stream, side.stream).then(
        note(side, 'pipeline') as () => void,
        note(side, 'pipeline'),
      )
      side.client.end(pattern(8 * MIB, 8))
      await over(side)
      await done
    },
  },
  {
    name: 'async iteration to the end',
    async act(side) {
      side.client.end(pattern(MIB, 9))
      const chunks: Buffer[] = []
      for await (const chunk of side.stream) chunks.push(chunk as Buffer)
      side.log.push(digest(Buffer.concat(chunks)))
      await over(side)
    },
  },
  {
    name: 'async iteration that is left early',
    async act(side) {
      side.client.write('x')
      for await (const chunk of side.stream) {
        side.log.push(String(chunk))
        break
      }
      await over(side)
    },
  },
  {
    name: 'async iteration and finished() of what is reset',
    async act(side) {
      const done = finished(side.stream).catch(note(side, 'finished'))
      side.client.write('x')
      try {
        for await (const _ of side.stream) side.client.reset()
      } catch (error) {
        note(side, 'iteration')(error as Error)
      }
      await done
      await over(side)
    },
  },
  {
    name: 'finished() of what is destroyed early',
    async act(side) {
      const done = finished(side.stream).catch(note(side, 'finished'))
      side.stream.destroy()
      await done
      await over(side)
    },
  },
  {
    name: 'a timeout that destroys',
    async act(side) {
      side.stream.setTimeout(50, () => side.stream.destroy())
      side.log.push(`${side.stream.timeout}`)
      await over(side)
    },
  },
  {
    name: 'a timeout that was taken back, and one that is no number',
    async act(side) {
      const listener = () => side.log.push('rang')
      side.stream.setTimeout(50, listener)
      side.stream.setTimeout(0, listener)
      side.log.push(`${side.stream.listenerCount('timeout')} listener`)
      for (const bad of ['50', -1, Number.NaN]) {
        try {
          side.stream.setTimeout(bad as number)
        } catch (error) {
          side.log.push(error instanceof TypeError ? 'TypeError' : 'error')
        }
      }
      side.stream.destroy()
      await over(side)
    },
  },
]
