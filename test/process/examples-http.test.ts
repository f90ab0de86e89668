import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { digest, pattern } from '../support/bytes.js'
import { deafen } from '../support/dead-peer.js'
import { Child, WELL } from '../support/process-child.js'
import { dial, runExample, runTool } from '../support/process-example.js'
import { atTestEnd } from '../support/process-scope.js'
import { haveTools } from '../support/tools.js'
import { until } from '../support/wait.js'

const MIB = 1024 * 1024

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'holdfast-'))
  atTestEnd(() => rm(directory, { recursive: true }))
  return directory
}

function numbersTo(last: number): string {
  return Array.from({ length: last }, (_, i) => `${i + 1}\n`).join('')
}

describe.skipIf(!haveTools('curl'))('http.ts and curl', () => {
  it('answers several requests on one connection, and names its end', async () => {
    const { child, port } = await runExample('http.ts')
    const url = `http://127.0.0.1:${port}/`
    const told = await runTool('curl', '-sS', '-w', '%{num_connects} %{http_code}\n', url, url, url)
    expect(told).toBe(
      [1, 2, 3].map((n) => `hello, this is request ${n}\n${n === 1 ? 1 : 0} 200\n`).join(''),
    )
    expect(await child.line()).toMatch(/^\d+: peer-end after 3 requests$/)
  })

  it('takes a large body and gives it back, chunked and with a length', async () => {
    const { child, port } = await runExample('http.ts')
    const directory = await temporaryDirectory()
    const [sent, received] = [path.join(directory, 'sent'), path.join(directory, 'received')]
    const bytes = pattern(64 * MIB, 1)
    writeFileSync(sent, bytes)
    for (const header of ['transfer-encoding: chunked', 'x-nothing: 1']) {
      const url = `http://127.0.0.1:${port}/echo`
      await runTool('curl', '-sS', '-H', header, '-T', sent, '-o', received, url)
      expect(digest(readFileSync(received))).toBe(digest(bytes))
      expect(await child.line()).toMatch(/^\d+: peer-end after 1 requests$/)
    }
  })

  it('gives a body that is made as it is read', async () => {
    const { port } = await runExample('http.ts')
    const text = await runTool('curl', '-sS', `http://127.0.0.1:${port}/count/1000001`)
    expect(digest(Buffer.from(text))).toBe(digest(Buffer.from(numbersTo(1_000_001))))
  })

  it('closes behind the answer for who asks for it', async () => {
    const { child, port } = await runExample('http.ts')
    const header = 'connection: close'
    const text = await runTool('curl', '-sS', '-H', header, `http://127.0.0.1:${port}/count/300000`)
    expect(digest(Buffer.from(text))).toBe(digest(Buffer.from(numbersTo(300_000))))
    expect(await child.line()).toMatch(/^\d+: local-end after 1 requests$/)
  })

  it('a download that is killed in the middle costs nobody else anything', async () => {
    const { child, port } = await runExample('http.ts')
    const directory = await temporaryDirectory()
    const url = `http://127.0.0.1:${port}/count/100000000`
    const part = path.join(directory, 'part')
    const download = new Child(['-sS', '--limit-rate', '1M', '-o', part, url], {
      program: ['curl'],
    })
    await until(() => existsSync(part) && statSync(part).size > 0, 'the download has begun')
    const client = await dial(port)
    client.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    expect((await client.rest()).toString()).toMatch(/request 1\n$/)
    download.kill('SIGKILL')
    expect(await child.line((line) => line.includes('peer-'))).toMatch(
      /^\d+: peer-(reset|end) after 1 requests$/,
    )
    expect(await runTool('curl', '-sS', `http://127.0.0.1:${port}/`)).toMatch(/^hello/)
    child.kill('SIGTERM')
    expect(await child.ended).toMatchObject(WELL)
  })
})

describe('http.ts', () => {
  it('answers pipelined requests in their order', async () => {
    const { port } = await runExample('http.ts')
    const client = await dial(port)
    const count = 200
    client.end('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(count))
    const answers = (await client.rest()).toString().match(/hello, this is request \d+\n/g)
    expect(answers).toEqual(
      Array.from({ length: count }, (_, i) => `hello, this is request ${i + 1}\n`),
    )
  })

  it('a keep-alive load: every response is the right one', async () => {
    const { child, port } = await runExample('http.ts')
    const [connections, requests] = [20, 250]
    const load = async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let n = 1; n <= requests; n++) {
        expect(await get(port, agent)).toBe(`hello, this is request ${n}\n`)
      }
      agent.destroy()
    }
    await Promise.all(Array.from({ length: connections }, load))
    for (let i = 0; i < connections; i++) {
      await child.line((line) => line.endsWith(`: peer-end after ${requests} requests`))
    }
  })

  it('who is being answered at SIGTERM gets the whole answer', async () => {
    const { child, port } = await runExample('http.ts')
    const [idle, busy] = [await dial(port), await dial(port)]
    idle.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await idle.read(100)
    busy.write('GET /count/2000000 HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\n\r\n')
    await busy.read(100)
    busy.socket.pause() // most of the answer is not sent yet
    child.kill('SIGTERM')
    await idle.rest()
    idle.end()
    busy.socket.resume()
    expect((await busy.rest()).toString()).toMatch(/\n2000000\n\r\n0\r\n\r\n$/)
    busy.end()
    const { stdout, ...how } = await child.ended
    expect(how).toMatchObject(WELL)
    expect(stdout.match(/: shutdown after 1 requests/g)).toHaveLength(2)
  })

  it('a client that vanished is found by the keepalive beneath', async () => {
    const { child, port } = await runExample('http.ts', { WITHIN_MS: '3000' })
    const client = await dial(port)
    client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await client.read(100)
    await deafen(client.socket)
    // Node's keepAliveTimeout would have closed it after 5 s, as local-abort.
    expect(await child.line()).toBe(`${client.port}: keepalive-timeout after 1 requests`)
  })
})

function get(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more
      })
      response.on('end', () => resolve(text)).on('error', reject)
    })
    sent.on('error', reject).end()
  })
}
