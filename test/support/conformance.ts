import type {
  Connection,
  DisconnectCompletion,
  Handler,
  ListenOptions,
  Server,
} from '../../lib/index.js'
import { testServer } from '../../lib/testing/index.js'
import { deafen } from './dead-peer.js'
import { openLab } from './lab.js'
import { until } from './wait.js'

/** What a client does and sees, in memory or over a real socket. */
export interface Actor {
  readonly connection: Connection
  readonly completion: DisconnectCompletion | null
  /** What it has read. */
  readonly text: string
  /** How it saw the connection end. */
  readonly end: 'end' | 'reset' | null
  send(text: string): void
  finish(): void
  reset(): void
  stopReading(): void
  resumeReading(): void
  vanish(): Promise<void>
}

export interface ActorOptions {
  allowHalfOpen?: boolean
}

/** Where a scenario is played. */
export interface Stage {
  readonly server: Server
  /** Resolves after handler.open. */
  connect(options?: ActorOptions): Promise<Actor>
  /** Time passes, real or virtual, until it is so. */
  until(condition: () => boolean, what: string): Promise<void>
}

/** A play in which each event of the handler stands in `events`, whatever the stage. */
export interface Scenario {
  name: string
  options?: Partial<Omit<ListenOptions, 'port' | 'handler'>>
  /** `note` adds a line of its own to the events. */
  handler(note: (line: string) => void): Handler
  play(stage: Stage, events: readonly string[]): Promise<void>
  /** In order: 'open', 'data:' and the bytes, 'drain', 'end', 'close:reason:actor'; and the notes. */
  events: readonly string[]
}

/** Plays it to its end, and returns the events. */
export type Theatre = (scenario: Scenario) => Promise<string[]>

export const inMemory: Theatre = async ({ handler, options, play }) => {
  const { events, traced } = trace(handler)
  await using bench = testServer(traced, options)
  await play(
    {
      server: bench.server,
      async connect(actorOptions) {
        const client = bench.connect(actorOptions)
        // Both stages are compared by the events of the handler.
        client.ignoreRest()
        await bench.settle()
        let end: Actor['end'] = null
        // One that has vanished never sees it.
        client.closed.then(
          (seen) => {
            end = seen
          },
          () => {},
        )
        const { connection } = client
        return {
          connection,
          get completion() {
            return client.completion
          },
          get text() {
            return client.received.toString()
          },
          get end() {
            return end
          },
          send: (text) => client.send(text),
          finish: () => client.end(),
          reset: () => client.reset(),
          stopReading: () => client.stopReading(),
          resumeReading: () => client.resumeReading(),
          vanish: async () => client.vanish(),
        }
      },
      async until(condition, what) {
        await bench.settle()
        for (let passedMs = 0; !condition(); passedMs += STEP_MS) {
          if (passedMs > VIRTUAL_MS_MAX) throw new Error(`not within ${VIRTUAL_MS_MAX} ms: ${what}`)
          await bench.advance(STEP_MS)
        }
      },
    },
    events,
  )
  return events
}

export const onSockets: Theatre = async ({ handler, options = {}, play }) => {
  const { events, traced } = trace(handler)
  await using lab = await openLab(traced, options)
  await play(
    {
      server: lab.server,
      async connect({ allowHalfOpen = false } = {}) {
        const { client, connection } = await lab.pair({ allowHalfOpen })
        const { socket } = client
        let text = ''
        socket.on('data', (chunk) => {
          text += chunk
        })
        socket.resume()
        return {
          connection,
          get completion() {
            return connection.completion
          },
          get text() {
            return text
          },
          get end() {
            return client.error !== null ? 'reset' : client.ended ? 'end' : null
          },
          send: (data) => client.write(data),
          finish: () => client.end(),
          reset: () => client.reset(),
          stopReading: () => void socket.pause(),
          resumeReading: () => void socket.resume(),
          vanish: () => deafen(socket),
        }
      },
      until,
    },
    events,
  )
  return events
}

const STEP_MS = 10
const VIRTUAL_MS_MAX = 60_000

/** Writes down the events; bytes that follow one another are one event, however they were cut. */
function trace(make: Scenario['handler']) {
  const events: string[] = []
  const note = (line: string): void => void events.push(line)
  const handler = make(note)
  const traced: Handler = {
    ...handler,
    open(connection) {
      note('open')
      return handler.open?.(connection)
    },
    data(connection, chunk) {
      const last = events.at(-1)
      if (last?.startsWith('data:')) events[events.length - 1] = `${last}${chunk}`
      else note(`data:${chunk}`)
      return handler.data?.(connection, chunk)
    },
    drain(connection) {
      note('drain')
      return handler.drain?.(connection)
    },
    end(connection) {
      note('end')
      return handler.end?.(connection)
    },
    heartbeat(connection) {
      note('heartbeat')
      return handler.heartbeat?.(connection)
    },
    shutdown(connection) {
      note('shutdown')
      return handler.shutdown?.(connection)
    },
    close(connection, completion) {
      note(`close:${completion.reason}:${completion.actor}`)
      return handler.close?.(connection, completion)
    },
  }
  return { events, traced }
}
