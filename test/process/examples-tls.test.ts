import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { digest, pattern } from '../support/bytes.js'
import { Child, WELL } from '../support/process-child.js'
import { dial, type RunningExample, runExample, runTool } from '../support/process-example.js'
import { atTestEnd } from '../support/process-scope.js'
import { haveTools } from '../support/tools.js'

const MIB = 1024 * 1024

describe.skipIf(!haveTools('openssl'))('tls.ts', () => {
  let directory = ''
  const files = () => ({ KEY: path.join(directory, 'key'), CERT: path.join(directory, 'cert') })

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'holdfast-'))
    const { KEY, CERT } = files()
    const made = new Promise((resolve) => {
      const { spawn } = process.getBuiltinModule('node:child_process')
      const how = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
      const where = ['-keyout', KEY, '-out', CERT, '-subj', '/CN=localhost', '-days', '2']
      spawn('openssl', ['req', ...how, ...where], { stdio: 'ignore' }).on('close', resolve)
    })
    expect(await made).toBe(0)
    return () => rm(directory, { recursive: true })
  })

  const run = (): Promise<RunningExample> => runExample('tls.ts', files())

  it.each(['-tls1_2', '-tls1_3'])('talks to openssl s_client %s', async (version) => {
    const { child, port } = await run()
    const trust = ['-CAfile', files().CERT, '-verify_return_error']
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, version, '-quiet', ...trust]
    const client = new Child(args, { program: ['openssl'] })
    client.process.stdin?.write('hello\n')
    expect(await client.line()).toBe('hello')
    client.kill('SIGKILL')
    expect(await child.line()).toMatch(version === '-tls1_3' ? /^TLSv1\.3 TLS_/ : /^TLSv1\.2 EC/)
    expect(await child.line()).toMatch(/^\d+: peer-(end|reset), \d+ bytes in, \d+ out$/)
  })

  it('16 MiB there and back, and an orderly end', async () => {
    const { child, port } = await run()
    const sent = pattern(16 * MIB, 1)
    const socket = connect({
      port,
      host: '127.0.0.1',
      ca: await readFile(files().CERT),
      servername: 'localhost',
    })
    atTestEnd(() => socket.destroy())
    await once(socket, 'secureConnect')
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    socket.end(sent)
    await once(socket, 'end')
    expect(digest(Buffer.concat(received))).toBe(digest(sent))
    expect(await child.line((line) => line.includes('bytes in'))).toMatch(
      /^\d+: (peer|local)-end, /,
    )
  })

  it('what is no TLS ends its own connection alone', async () => {
    const { child, port } = await run()
    const stranger = await dial(port)
    stranger.write('GET / HTTP/1.1\r\n\r\n')
    await stranger.untilOver()
    expect(await child.line()).toBe('no TLS: ERR_SSL_HTTP_REQUEST')
    expect(await child.line()).toMatch(/^\d+: local-(abort|end), /)
    expect(
      await runTool(
        'sh',
        '-c',
        `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null | head -1`,
      ),
    ).toMatch(/^CONNECTED/)
  })

  it('says how to make the key that is not there', async () => {
    const KEY = path.join(directory, 'none')
    const child = new Child(['--import', 'tsx', 'examples/tls.ts'], { env: { ...files(), KEY } })
    const { code, stderr } = await child.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^KEY: ENOENT.*none'\. To make .*: openssl req -x509 .*\n$/)
  })

  it('drains at SIGTERM', async () => {
    const { child, port } = await run()
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    child.kill('SIGTERM')
    await once(socket.resume(), 'close')
    expect(await child.ended).toMatchObject(WELL)
  })
})
