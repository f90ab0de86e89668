import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { listen } from 'holdfast'
import protocol from '../src/protocol.js'

/** Serves one client, which sends all of this. What it got, and how its connection ended. */
async function talk(sent) {
  const server = await listen({ ...protocol.options, port: 0, handler: protocol })
  try {
    const ended = new Promise((resolve) => server.onDisconnect(resolve))
    const client = connect(server.address.port, server.address.host)
    client.end(sent)
    return { got: await text(client), end: await ended }
  } finally {
    await server.close({ deadlineMs: 0 })
  }
}

test('each line is numbered and comes back in capitals', async () => {
  const { got, end } = await talk('one\r\ntwo\n')
  assert.equal(got, 'welcome to my-protocol\n1: ONE\n2: TWO\n')
  assert.equal(end.reason, 'peer-end')
})

test('quit ends the connection', async () => {
  const { got, end } = await talk('quit\n')
  assert.equal(got, 'welcome to my-protocol\nbye\n')
  assert.equal(end.reason, 'local-end')
})

test('a line that is too long ends the connection with protocol-error', async () => {
  const { got, end } = await talk('x'.repeat(2000))
  assert.match(
    got,
    /^welcome to my-protocol\nnot understood: no end of a message within 1024 bytes/,
  )
  assert.equal(end.reason, 'protocol-error')
})
