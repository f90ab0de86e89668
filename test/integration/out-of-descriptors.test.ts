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
  server.onRefused((cause, count) => console.log(cause, count))
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

test('out of descriptors: arrivals are reset and counted, the served go on, later ones are taken', async () => {
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
    let resetAtOnce = 0
    for (let at = 0; at < CLIENTS; at++) {
      // A client that is reset while it connects was refused as well.
      const client = await connectClient(port).catch(() => null)
      if (client === null) {
        resetAtOnce++
        continue
      }
      clients.push(client)
      void answers(client).then((answer) => answered.set(client, answer))
    }
    const refused = () =>
      lines.reduce((sum, line) => sum + Number(/^emfile (\d+)$/.exec(line)?.[1] ?? 0), 0)
    const count = (answer: boolean) => [...answered.values()].filter((a) => a === answer).length
    await until(() => answered.size === clients.length, 'all are served or reset')
    const turnedAway = count(false) + resetAtOnce
    expect(turnedAway).toBeGreaterThan(0)
    await until(() => refused() >= turnedAway, 'each refusal is told')
    expect(refused()).toBe(turnedAway)
    const served = clients.filter((client) => answered.get(client) === true)
    expect(served.length).toBeGreaterThan(10)
    expect(await answers(served[0] as Client)).toBe(true)
    for (const client of served.slice(1)) {
      client.reset()
    }
    // Their descriptors are free as soon as the server has read of their end.
    let taken = false
    for (let attempt = 0; attempt < 100 && !taken; attempt++) {
      const late = await connectClient(port).catch(() => null)
      if (late !== null) {
        clients.push(late)
        taken = await answers(late)
      }
    }
    expect(taken).toBe(true)
  } finally {
    for (const client of clients) {
      client.destroy()
    }
    child.kill('SIGTERM')
  }
  expect(await gone).toBe(0)
})
