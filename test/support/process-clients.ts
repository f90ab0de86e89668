import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'vitest'
import { atTestEnd } from './process-scope.js'

/** How a client saw its connection end. */
export interface ClientEnd {
  /** 'end' after FIN, else the error's code. */
  how: string
  received: string
}

// As many handshakes under way at a time as a listener queues by default.
const DIALS_MAX = 256

export class Client {
  readonly socket: net.Socket
  readonly ended: Promise<ClientEnd>
  #received = ''
  #how = 'none'
  #wake: (() => void) | null = null

  constructor(socket: net.Socket) {
    this.socket = socket
    socket.setEncoding('latin1').on('data', (text) => {
      this.#received += text
      this.#wake?.()
    })
    socket.on('end', () => {
      this.#how = 'end'
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#how = error.code ?? 'error'
    })
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.#wake?.()
        resolve({ how: this.#how, received: this.#received })
      })
    })
    atTestEnd(() => {
      socket.destroy()
    })
  }

  get received(): string {
    return this.#received
  }

  /** Sends `text` and waits until as much has come back. */
  async exchange(text: string): Promise<string> {
    const start = this.#received.length
    this.socket.write(text, 'latin1')
    await this.hear(start + text.length)
    return this.#received.slice(start)
  }

  /** Waits until `total` characters were received since the beginning. */
  async hear(total: number): Promise<void> {
    while (this.#received.length < total) {
      if (this.socket.destroyed) {
        throw new Error(`ended (${this.#how}) after ${this.#received.length} of ${total} bytes`)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** A client that does not wait for its handshake: one that is refused may read the RST within it. */
export function dial(
  port: number,
  host = '127.0.0.1',
  options: { localAddress?: string } = {},
): Client {
  return new Client(net.connect({ port, host, noDelay: true, ...options }))
}

export async function connect(...where: Parameters<typeof dial>): Promise<Client> {
  const client = dial(...where)
  await once(client.socket, 'connect')
  return client
}

export async function connectMany(port: number, count: number): Promise<Client[]> {
  const clients: Client[] = []
  while (clients.length < count) {
    const dials = Math.min(DIALS_MAX, count - clients.length)
    clients.push(...(await Promise.all(Array.from({ length: dials }, () => connect(port)))))
  }
  return clients
}

/** One exchange with each: afterwards all of them have been accepted, and their server has read. */
export async function exchangeAll(clients: readonly Client[]): Promise<void> {
  const answers = await Promise.all(clients.map((client, index) => client.exchange(`hi ${index}`)))
  expect(answers).toEqual(clients.map((_, index) => `hi ${index}`))
}

/** How each of them ended, without repetition. */
export async function endingsOf(clients: readonly Client[]): Promise<string[]> {
  const ends = await Promise.all(clients.map((client) => client.ended))
  return [...new Set(ends.map(({ how }) => how))]
}
