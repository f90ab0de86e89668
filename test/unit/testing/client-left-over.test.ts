import { expect, test } from 'vitest'
import { json, lines, ProtocolError, protocol } from '../../../lib/index.js'
import { testServer } from '../../../lib/testing/index.js'

const numbers = protocol({
  codec: json(lines(), {
    check(value) {
      if (typeof value !== 'number') throw new ProtocolError('a number is wanted')
      return value
    },
  }),
  message: (conn, number) => {
    conn.write(`"${number}"\n2\n`)
  },
})

test('a client is not charged with what a receive() that failed has left', async () => {
  await using bench = testServer(numbers)
  const client = bench.connect()
  client.sendMessage(1)
  await expect(client.receive()).rejects.toThrow('a number is wanted')
  await expect(client.receiveBytes(100)).rejects.toThrow('100 bytes did not come')
})

test('it is once it has gone on', async () => {
  const bench = testServer(numbers)
  const client = bench.connect()
  client.sendMessage(1)
  await expect(client.receive()).rejects.toThrow('a number is wanted')
  expect(String(await client.receiveBytes(4))).toBe('"1"\n')
  await expect(bench[Symbol.asyncDispose]()).rejects.toThrow(
    'got 2 bytes that the test has not looked at',
  )
})
