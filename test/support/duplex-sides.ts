import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type Client, connectClient } from './client.js'
import { type Lab, openLab } from './lab.js'

/** The server's end of a connection, with the client at the other, and what it has told so far. */
export interface Side extends AsyncDisposable {
  /** Of node:net, or of a connection's toDuplex(). */
  readonly stream: Socket
  readonly client: Client
  readonly log: string[]
  /** Behind the stream's 'close'. */
  readonly closed: Promise<unknown>
}

export interface SideOptions {
  allowHalfOpen: boolean
  highWaterMark?: number
}

export type OpenSide = (options: SideOptions) => Promise<Side>

export const onNodeNet: OpenSide = async (options) => {
  const server = createServer(options)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const arrived = once(server, 'connection')
  const client = await connectClient(port)
  const [stream] = (await arrived) as [Socket]
  return {
    ...observe(stream, client),
    async [Symbol.asyncDispose]() {
      client.destroy()
      stream.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** In a Lab, which asserts at the end that every connection ended once and every count agrees. */
export const onHoldfast: OpenSide = async (options) => {
  const lab: Lab = await openLab({})
  const { client, connection } = await lab.pair()
  const stream = connection.toDuplex(options)
  return {
    ...observe(stream, client),
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  }
}

function observe(stream: Socket, client: Client): Omit<Side, typeof Symbol.asyncDispose> {
  const log: string[] = []
  for (const event of ['end', 'finish', 'timeout'] as const) {
    stream.on(event, () => log.push(event))
  }
  stream.on('error', ({ code, syscall, message }: NodeJS.ErrnoException) =>
    log.push(`error ${code ?? message} ${syscall ?? ''}`.trim()),
  )
  stream.on('close', (hadError) => log.push(`close ${hadError}`))
  const closed = new Promise((resolve) => stream.on('close', resolve))
  return { stream, client, log, closed }
}
