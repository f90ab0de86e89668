import { expect, test } from 'vitest'
import { pattern } from '../support/bytes.js'
import { deafen, quickDetectionMs, quickKeepalive, undeafen } from '../support/dead-peer.js'
import { openLab } from '../support/lab.js'
import { acceptedFd } from '../support/sockets.js'
import { IPPROTO_TCP, TCP_RTO_MAX_MS, testkit } from '../support/testkit.js'
import { until } from '../support/wait.js'

// The pace of a kernel without TCP_RTO_MAX_MS (before 6.15): the probes of a closed window drift
// apart, until the silence between two of them is longer than the detection time.
const UNCAPPED_MS = 120_000

test('one lost window probe ends nobody, however far apart the probes are', async () => {
  await using lab = await openLab({}, { keepalive: quickKeepalive })
  const { client, connection } = await lab.pair()
  if (lab.server.keepalive.rtoMaxMs > 0) {
    testkit.setOption(acceptedFd(lab.port, client.port), IPPROTO_TCP, TCP_RTO_MAX_MS, UNCAPPED_MS)
  }
  connection.write(pattern(16 * 1024 * 1024, 1))
  const silentMs = () => connection.info()?.silentMs ?? Number.NaN
  const probes = () => connection.info()?.tcp?.probes ?? Number.NaN
  const beyond = () => silentMs() > quickDetectionMs + 200 && probes() === 0
  await until(beyond, 'a silence beyond the bound, with nothing asked', 20_000)
  await deafen(client.socket)
  await until(() => probes() === 1, 'a probe that is lost', 20_000)
  // Two looks, and more, find it unanswered; the next probe is seconds away.
  const lostAt = performance.now()
  await until(() => performance.now() - lostAt > 1500, 'several looks')
  undeafen(client.socket)
  await until(() => silentMs() < 1000, 'an answer to the next probe', 20_000)
  expect(connection.state).toBe('open')
}, 65_000)
