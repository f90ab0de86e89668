// The server under attack. Its one argument is a ServerOrder as JSON; orders come as lines of JSON
// on stdin, answers go as lines of JSON to stdout.
//
// Its protocol are lines. The first complete line is the handshake. `get BYTES` is answered with as
// many bytes, `say TEXT` by TEXT to everybody who has sent `join`, any other line with itself; who
// has sent `later` gets a line when the order `speak` comes. More than 64 KiB without an end of line
// end the connection.

import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { listen } from 'holdfast'

/** @typedef {import('holdfast').Connection<Partial>} Connection */
/**
 * @typedef {object} Partial
 * @property {Buffer[]} pieces what came since the last end of line
 * @property {number} bytes
 * @property {boolean} listens it has sent `later`
 */
/** @typedef {Omit<import('holdfast').ListenOptions, 'handler' | 'port'>} ServerOrder */
/** @typedef {import('holdfast').ServerCounters} ServerCounters */

const LINE_BYTES_MAX = 64 * 1024
const NEWLINE = 10
const LATER = Buffer.from('later\n')
const JOIN = Buffer.from('join\n')
const GET_BYTES_MAX = 64 * 1024
const answer = Buffer.alloc(GET_BYTES_MAX, 'x')

// What happened to the connections, each way it is told, to be compared with the counters.
const told = { opens: 0, closes: 0, hooks: 0, completions: 0, refused: 0 }
/** @type {Record<string, number>} by reason and code, 'peer-reset ECONNRESET' */
const ends = {}
/** @type {Set<number>} */
const ended = new Set()
/** @type {string[]} */
const problems = []
let detectedMsMost = 0
let partialBytes = 0
let partialBytesMost = 0
let queuedBytesMost = 0
/** @type {Set<Connection>} */
const room = new Set()
let said = ''
let broadcasts = 0

/** @type {ServerOrder} */
const options = JSON.parse(process.argv[2] ?? '{}')
const server = await listen({
  ...options,
  port: 0,
  handler: {
    open(/** @type {Connection} */ connection) {
      told.opens++
      connection.data = { pieces: [], bytes: 0, listens: false }
      connection.onCleanup(() => told.hooks++)
    },
    data(connection, chunk) {
      const partial = connection.data
      const end = chunk.lastIndexOf(NEWLINE) + 1
      if (end > 0) {
        connection.ready()
        const whole = Buffer.concat([...partial.pieces, chunk.subarray(0, end)])
        forget(partial)
        obey(connection, whole)
      }
      keep(partial, chunk.subarray(end))
      if (partial.bytes > LINE_BYTES_MAX) connection.destroy()
    },
    close(connection) {
      told.closes++
      forget(connection.data)
    },
  },
})

/**
 * @param {Partial} partial
 * @param {Buffer} bytes
 */
function keep(partial, bytes) {
  if (bytes.length === 0) return
  // Its own copy: a chunk of one byte would pin the 64 KiB it is a view into.
  partial.pieces.push(Buffer.from(bytes))
  partial.bytes += bytes.length
  partialBytes += bytes.length
  partialBytesMost = Math.max(partialBytesMost, partialBytes)
}

/** @param {Partial} partial */
function forget(partial) {
  partialBytes -= partial.bytes
  partial.pieces = []
  partial.bytes = 0
}

/**
 * @param {Connection} connection
 * @param {Buffer} lines
 */
function obey(connection, lines) {
  if (lines.equals(LATER)) connection.data.listens = true
  if (lines.equals(JOIN)) {
    room.add(connection)
    connection.onCleanup(() => room.delete(connection))
  }
  if (!/^(get|say) /m.test(lines.toString('latin1'))) {
    connection.write(lines)
    return
  }
  for (const line of lines.toString('latin1').trimEnd().split('\n')) {
    if (line.startsWith('say ')) {
      collect(line.slice(4))
      continue
    }
    const bytes = Number(/^get (\d+)$/.exec(line)?.[1] ?? Number.NaN)
    connection.write(Number.isNaN(bytes) ? `${line}\n` : answer.subarray(0, bytes))
    queuedBytesMost = Math.max(queuedBytesMost, connection.info()?.bytesQueued ?? 0)
  }
}

/** @param {string} text */
function collect(text) {
  if (said === '') setImmediate(tell)
  said += `${text}\n`
}

function tell() {
  server.broadcast(said, { to: room, encoding: 'latin1' })
  said = ''
  broadcasts++
}

/** @param {Record<string, number>} counts */
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0)

function checkConservation() {
  const { arrived, accepted, open, closed, refused } = server.counters
  if (accepted !== open + sum(closed) || arrived !== accepted + sum(refused)) {
    problems.push(`arrived ${arrived}, accepted ${accepted}, open ${open}: they do not add up`)
  }
}

server.onDisconnect((completion) => {
  told.completions++
  if (ended.has(completion.id)) problems.push(`a second completion of ${completion.id}`)
  ended.add(completion.id)
  const how = [completion.reason, completion.code].filter((part) => part !== null).join(' ')
  ends[how] = (ends[how] ?? 0) + 1
  if (completion.actor === 'network') {
    detectedMsMost = Math.max(detectedMsMost, completion.detectedMs ?? 0)
  }
  checkConservation()
})
server.onRefused((_, count) => {
  told.refused += count
  checkConservation()
})
server.onError((error, { where }) => problems.push(`${where}: ${error}`))

/**
 * @param {string} word
 * @param {unknown} value
 */
function say(word, value) {
  writeSync(1, `${JSON.stringify({ word, value })}\n`)
}

function report() {
  checkConservation()
  const { counters } = server
  const most = { detectedMsMost, partialBytesMost, queuedBytesMost }
  return { counters, told, ends, problems, broadcasts, ...most }
}

const orders = createInterface({ input: process.stdin })
orders.on('line', async (line) => {
  const order = JSON.parse(line).word
  if (order === 'close') {
    // Nothing keeps the process then: it ends by itself, unless something was left behind.
    orders.close()
    process.stdin.unref()
    await server.close({ deadlineMs: 0 })
  }
  if (order === 'speak') {
    for (const connection of server.connections) {
      if (connection.data.listens) connection.write('now\n')
    }
  }
  say(`done ${order}`, report())
})
say('listening', server.address.port)
