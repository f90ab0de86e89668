import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ioUnderTest } from '../support/lab.js'

// A network namespace of its own, with another net.ipv4.tcp_rto_max_ms than the machine's. Plain: a
// preloaded sanitizer would run in each of these programs.

const ENTRY = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
const CAP_MS = 5_000

const SCRIPT = `
  import { connect } from 'node:net'
  import { listen, tuneSocket } from ${JSON.stringify(ENTRY)}
  let tell
  const open = new Promise((resolve) => { tell = resolve })
  const server = await listen({
    port: 0,
    io: '${ioUnderTest}',
    keepalive: 'mobile',
    handler: { open: (connection) => tell(connection) },
  })
  const client = connect(server.address.port, '127.0.0.1')
  const connection = await open
  const caps = {
    listener: server.keepalive.rtoMaxMs,
    off: connection.keepalive(false).rtoMaxMs,
    strict: connection.keepalive('lan-strict').rtoMaxMs,
    tuned: tuneSocket(client, 'cloud-lb').rtoMaxMs,
    tunedOff: tuneSocket(client, false).rtoMaxMs,
  }
  console.log(JSON.stringify(caps))
  client.destroy()
  await server.close()
`

const unshare = ['-Urn', 'sh', '-c']
const hasNamespaces = spawnSync('unshare', [...unshare, 'true']).status === 0
const hasCap =
  hasNamespaces &&
  spawnSync('unshare', [...unshare, 'test -w /proc/sys/net/ipv4/tcp_rto_max_ms']).status === 0

it.runIf(hasCap)('the cap of the system on retransmissions is kept where it is lower', () => {
  const inside = `echo ${CAP_MS} > /proc/sys/net/ipv4/tcp_rto_max_ms && ip link set lo up && exec "$0" --input-type=module -e "$1"`
  const printed = execFileSync('unshare', [...unshare, inside, process.execPath, SCRIPT], {
    encoding: 'utf8',
  })
  expect(JSON.parse(printed)).toEqual({
    listener: CAP_MS,
    off: CAP_MS,
    strict: 1_500,
    tuned: CAP_MS,
    tunedOff: CAP_MS,
  })
})
