import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { pattern } from '../support/bytes.js'
import { WELL } from '../support/process-child.js'
import { dial, runExample } from '../support/process-example.js'
import { atTestEnd } from '../support/process-scope.js'

/** A client that takes its messages one by one. */
class Member {
  readonly socket: WebSocket
  readonly #heard: Buffer[] = []
  #wake: (() => void) | null = null

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    this.socket.on('message', (message: Buffer) => {
      this.#heard.push(message)
      this.#wake?.()
    })
    atTestEnd(() => this.socket.terminate())
  }

  static async join(port: number): Promise<Member> {
    const member = new Member(port)
    await once(member.socket, 'open')
    return member
  }

  get port(): number {
    return (this.socket as unknown as { _socket: { localPort: number } })._socket.localPort
  }

  async hear(): Promise<Buffer> {
    while (this.#heard.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#heard.shift() as Buffer
  }
}

describe('websocket.ts', () => {
  it('tells everybody what one says, of every length of frame', async () => {
    const { port } = await runExample('websocket.ts')
    const [ada, bob] = [await Member.join(port), await Member.join(port)]
    for (const bytes of [0, 1, 125, 126, 65_535, 65_536]) {
      const said = pattern(bytes, bytes)
      ada.socket.send(said)
      expect((await bob.hear()).equals(said)).toBe(true)
      expect((await ada.hear()).equals(said)).toBe(true)
    }
    bob.socket.send('grüße')
    expect((await ada.hear()).toString()).toBe('grüße')
  })

  it('names how a member went, and whether it said goodbye', async () => {
    const { child, port } = await runExample('websocket.ts')
    const [polite, killed] = [await Member.join(port), await Member.join(port)]
    const ports = [polite.port, killed.port]
    polite.socket.close(1000)
    expect(await child.line()).toMatch(new RegExp(`^${ports[0]}: (peer|local)-end, code 1000$`))
    killed.socket.terminate()
    expect(await child.line()).toMatch(new RegExp(`^${ports[1]}: peer-(end|reset), code 1006$`))
  })

  it('a message that is too long ends who sent it, and nobody else', async () => {
    const { child, port } = await runExample('websocket.ts')
    const [ada, bob] = [await Member.join(port), await Member.join(port)]
    ada.socket.send(Buffer.alloc(65_537))
    const [code] = await once(ada.socket, 'close')
    expect(code).toBe(1009)
    expect(await child.line()).toMatch(/^\d+: (local|peer)-end, code 1006$/)
    bob.socket.send('still here')
    expect((await bob.hear()).toString()).toBe('still here')
  })

  it('what is no WebSocket is answered as HTTP', async () => {
    const { port } = await runExample('websocket.ts')
    const client = await dial(port)
    client.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    expect((await client.rest()).toString()).toMatch(/^HTTP\/1\.1 426 .*\nWebSocket only\n/s)
  })

  it('says goodbye to all at SIGTERM', async () => {
    const { child, port } = await runExample('websocket.ts')
    const members = [await Member.join(port), await Member.join(port)]
    const closed = members.map(({ socket }) => once(socket, 'close'))
    child.kill('SIGTERM')
    for (const [code] of await Promise.all(closed)) expect(code).toBe(1001)
    expect(await child.ended).toMatchObject(WELL)
  })
})
