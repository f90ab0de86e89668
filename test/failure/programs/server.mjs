// The server under test. Its one argument is a ServerOrder as JSON; orders come as lines of JSON on
// stdin, events go as lines of JSON to stdout. It ends when its stdin does.

import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { listen } from 'holdfast'

/** @typedef {import('holdfast').Connection} Connection */
/** @typedef {{ host: string, io: 'epoll' | 'uv', keepalive: import('holdfast').KeepaliveSettings, allowHalfOpen: boolean, idleRuleMs: number }} ServerOrder */
/** @typedef {{ do: string, bytes?: number, condition?: string, total?: number }} Order */

// A state of the kernel's that no event announces is asked for this often.
const POLL_MS = 10

/** @type {ServerOrder} */
const { host, io, keepalive, allowHalfOpen, idleRuleMs } = JSON.parse(process.argv[2] ?? '')

/**
 * @param {string} event
 * @param {object} [fields]
 */
function say(event, fields) {
  const at = Number(process.hrtime.bigint()) / 1e6
  writeSync(1, `${JSON.stringify({ event, at, ...fields })}\n`)
}

/** @type {Connection | null} */
let connection = null
let received = 0
/** @type {NodeJS.Timeout | null} */
let idleRule = null

const server = await listen({
  host,
  port: 0,
  io,
  keepalive,
  allowHalfOpen,
  handler: {
    open(opened) {
      connection = opened
      if (idleRuleMs > 0) idleRule = setTimeout(() => opened.destroy(), idleRuleMs)
      say('open', { remotePort: opened.remotePort })
    },
    data(_, chunk) {
      received += chunk.length
      idleRule?.refresh()
    },
    end() {
      say('end')
    },
  },
})
server.onDisconnect((completion) => say('disconnect', { completion, received }))
server.onError((error, { where }) => say('error', { where, error: String(error) }))
server.onRefused((cause, count) => say('refused', { cause, count }))

/** @type {Record<string, (state: import('holdfast').TcpInfo) => boolean>} */
const CONDITIONS = {
  acknowledged: (tcp) => tcp.unackedSegments === 0 && tcp.notSentBytes === 0,
  'window-closed': (tcp) => tcp.unackedSegments === 0 && (tcp.notSentBytes ?? 0) > 0,
  'close-wait': (tcp) => tcp.state === 'close-wait',
}

/**
 * @param {string} what
 * @param {() => boolean} holds
 */
function sayWhen(what, holds) {
  const timer = setInterval(look, POLL_MS)
  look()
  function look() {
    if (!holds()) return
    clearInterval(timer)
    say('done', { what })
  }
}

/** @param {Order} order */
function obey(order) {
  if (connection === null) throw new Error(`no connection to ${order.do}`)
  const target = connection
  switch (order.do) {
    case 'write':
      target.write(Buffer.alloc(order.bytes ?? 0, 'x'))
      break
    case 'pause':
    case 'resume':
    case 'end':
    case 'destroy':
    case 'reset':
      target[order.do]()
      break
    case 'until': {
      const condition = CONDITIONS[order.condition ?? '']
      if (condition === undefined) throw new Error(`no condition ${order.condition}`)
      sayWhen('until', () => {
        const tcp = target.info()?.tcp
        return tcp !== null && tcp !== undefined && condition(tcp)
      })
      return
    }
    case 'received':
      sayWhen('received', () => received >= (order.total ?? 0))
      return
    default:
      throw new Error(`no order ${order.do}`)
  }
  // What was submitted is carried out right before the loop waits, so between these two.
  setImmediate(() => setImmediate(() => say('done', { what: order.do })))
}

createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line)))
  .on('close', () => process.exit())
say('listening', { port: server.address.port, keepalive: server.keepalive, io: server.io })
