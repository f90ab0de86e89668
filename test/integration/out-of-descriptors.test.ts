import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Client, connectClient } from '../support/client.js'
import { ioUnderTest } from '../support/lab.js'
import { deferred, until } from '../support/wait.js'

const DESCRIPTORS = 64
const CLIENTS = 80

// An echo server in a process that may have no more than 64 descriptors; it prints its port, then
// each refusal. The compiled package: a process of its own knows no TypeScript.
const ENTRY = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
const SERVER = `
  import { echo, listen } from ${JSON.stringify(ENTRY)}
  const server = await listen({ port: 0, io: '${ioUnderTest}', handler: echo })
  server.onRefused((cause) => console.log(cause))
  console.log(server.address.port)
  process.on('SIGTERM', () => server.close({ deadlineMs: 0 }))
`

async function answers(client: Client): Promise<boolean> {
  client.write('ping')
  return client.read(4).then(
    () => true,
    () => false,
  )
}

// The uv Io leaves this to libuv, which sheds arrivals: they are closed instead of kept waiting.
test('out of descriptors: the served go on, and accepting goes on when some are free', async () => {
  const child = spawn(
    'sh',
    [
      '-c',
      `ulimit -n ${DESCRIPTORS}; exec "$0" --input-type=module -e "$1"`,
      process.execPath,
      SERVER,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const lines: string[] = []
  const ready = deferred<number>()
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    ready.resolve(Number(lines[0]))
  })
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const clients: Client[] = []
  try {
    const port = await ready.promise
    const answered = new Map<Client, boolean>()
    for (let at = 0; at < CLIENTS; at++) {
      const client = await connectClient(port)
      clients.push(client)
      void answers(client).then((answer) => answered.set(client, answer))
    }
    const count = (answer: boolean) => [...answered.values()].filter((a) => a === answer).length
    if (ioUnderTest === 'uv') {
      await until(() => answered.size === CLIENTS, 'all are served or shed')
      expect(count(false)).toBeGreaterThan(0)
    } else {
      await until(() => lines.includes('emfile'), 'the refusal is reported')
      expect(count(false)).toBe(0)
      expect(count(true)).toBeLessThan(DESCRIPTORS)
    }
    const served = clients.filter((client) => answered.get(client) === true)
    expect(served.length).toBeGreaterThan(10)
    expect(await answers(served[0] as Client)).toBe(true)
    for (const client of served.slice(1)) {
      client.reset()
    }
    if (ioUnderTest !== 'uv') {
      await until(() => count(true) > served.length + 10, 'those that waited are served')
    }
    const late = await connectClient(port)
    clients.push(late)
    expect(await answers(late)).toBe(true)
  } finally {
    for (const client of clients) {
      client.destroy()
    }
    child.kill('SIGTERM')
  }
  expect(await gone).toBe(0)
})
