// Healthy clients: each sends a line, waits until exactly that line has come back, and sends the
// next. Its one argument is a HealthyOrder as JSON; orders come as lines of JSON on stdin, answers go
// as lines of JSON to stdout. A client that is ended by the server ends the program with an error.

import { writeSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/** @typedef {{ host: string, port: number, clients: number, pauseMs: number }} HealthyOrder */

// As many handshakes under way at a time as a listener queues by default.
const DIALS_MAX = 256
// One exchange may have been half over when it was asked for; a second one was not.
const EXCHANGES_TO_BE_SERVED = 2

/** @type {HealthyOrder} */
const { host, port, clients: count, pauseMs } = JSON.parse(process.argv[2] ?? '')

/**
 * @param {string} word
 * @param {unknown} [value]
 */
function say(word, value) {
  writeSync(1, `${JSON.stringify({ word, value })}\n`)
}

class Client {
  answered = 0
  goal = 0
  leaving = false
  #asked = ''
  #heard = ''
  #askedAtMs = 0

  /** @param {number} number */
  constructor(number) {
    this.number = number
    this.socket = connect({ host, port, noDelay: true })
    this.socket.setEncoding('latin1')
    this.socket.on('data', (text) => this.#hear(String(text)))
    this.socket.on('error', (error) => this.#lost(error.message))
    this.socket.on('end', () => this.#lost('the server ended it'))
  }

  get waits() {
    return this.#asked !== ''
  }

  ask() {
    this.#asked = `client ${this.number}, line ${this.answered}\n`
    this.#askedAtMs = performance.now()
    this.socket.write(this.#asked)
  }

  leave() {
    this.leaving = true
    const gone = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.end()
    return gone
  }

  /** @param {string} text */
  #hear(text) {
    this.#heard += text
    if (!this.#asked.startsWith(this.#heard)) this.#lost(`it heard ${this.#heard}`)
    if (this.#heard !== this.#asked) return
    slowestMs = Math.max(slowestMs, performance.now() - this.#askedAtMs)
    this.#asked = this.#heard = ''
    if (++this.answered === this.goal) served()
    if (this.leaving) return
    if (this.answered === 1) greeted(this)
  }

  /** @param {string} how */
  #lost(how) {
    if (this.leaving) return
    console.error(`client ${this.number} was lost after ${this.answered} exchanges: ${how}`)
    process.exit(1)
  }
}

/** @type {Client[]} */
const clients = []
let slowestMs = 0
let owed = 0

function served() {
  if (--owed > 0) return
  say('done served', {
    exchanges: clients.reduce((sum, { answered }) => sum + answered, 0),
    slowestMs,
  })
}

// Each is greeted before the next one dials: a full queue of arrivals costs a second.
/** @type {(client: Client) => void} */
let greeted = () => {}

function dial() {
  const client = new Client(clients.length)
  clients.push(client)
  client.ask()
}

await new Promise((resolve) => {
  let greetings = 0
  greeted = () => {
    if (++greetings === count) resolve(undefined)
    if (clients.length < count) dial()
  }
  for (let dials = Math.min(count, DIALS_MAX); dials > 0; dials--) dial()
})

const asking = setInterval(() => {
  for (const client of clients) if (!client.waits) client.ask()
}, pauseMs)

/** @type {Record<string, () => unknown>} */
const orders = {
  served() {
    owed = clients.length
    for (const client of clients) client.goal = client.answered + EXCHANGES_TO_BE_SERVED
  },
  async leave() {
    clearInterval(asking)
    await Promise.all(clients.map((client) => client.leave()))
    say('done leave', { slowestMs })
    input.close()
    process.stdin.unref()
  },
}

const input = createInterface({ input: process.stdin })
input.on('line', (line) => orders[JSON.parse(line).word]?.())
say('connected', clients.length)
