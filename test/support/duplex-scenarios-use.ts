import { once } from 'node:events'
import { finished, pipeline } from 'node:stream/promises'
import { digest, pattern } from './bytes.js'
import { collect, note, over, type Scenario } from './duplex-scenario.js'
import { turns } from './wait.js'

const MIB = 1024 * 1024

/** What a library does with a socket. */
export const use: readonly Scenario[] = [
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
  {
    name: 'connect() of what is connected',
    async act(side) {
      side.stream.connect(1)
      await over(side)
    },
  },
]
