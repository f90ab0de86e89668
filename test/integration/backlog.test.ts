import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { plainEnvironment } from '../support/child-client.js'
import { openLab } from '../support/lab.js'
import { until } from '../support/wait.js'

const ATTEMPTS = 40

// Tries so many connections to each port at once, and prints how many of each were established when
// the next 600 ms are over: who found the queue full is asked to wait a second (RFC 6298).
const STORM = `
  const [attempts, ...ports] = process.argv.slice(1).map(Number)
  const established = ports.map(() => 0)
  ports.forEach((port, index) => {
    for (let at = 0; at < attempts; at++) {
      const socket = require('node:net').connect({ port, host: '127.0.0.1' })
      socket.on('error', () => {}).on('connect', () => established[index]++)
    }
  })
  // Counted from the loop's second turn: by its own clock the first began when the process did.
  setImmediate(() => {
    setTimeout(() => { console.log(JSON.stringify(established)); process.exit() }, 600)
  })
`

test('backlog: so many arrivals and one more wait to be accepted, no others', async () => {
  await using three = await openLab({}, { backlog: 3 })
  await using sixteen = await openLab({}, { backlog: 16 })
  await using standard = await openLab()
  const labs = [three, sixteen, standard]

  // This loop stands still until the child is done, so nothing is accepted meanwhile.
  const ports = labs.map(({ port }) => String(port))
  const printed = execFileSync(process.execPath, ['-e', STORM, String(ATTEMPTS), ...ports], {
    env: plainEnvironment(),
  })

  // listen(2): the kernel queues one more than it is told. By default (511) all of them fit.
  const established = [3 + 1, 16 + 1, ATTEMPTS]
  expect(JSON.parse(printed.toString())).toEqual(established)
  const ended = () => labs.map(({ completions }) => completions.length)
  await until(() => String(ended()) === String(established), 'the waiting ones accepted and ended')
  expect(labs.map(({ server }) => server.counters.arrived)).toEqual(established)
})
