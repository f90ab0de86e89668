// Runs `npm start` in the current directory as a newcomer would: waits for the line that says it
// listens, checks the echo, sends SIGTERM to the server itself and expects exit code 0.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const limitMs = 240_000 // installing and building included
const started = Date.now()

const npm = spawn('npm', ['start'], { stdio: ['ignore', 'pipe', 'inherit'] })
const ended = once(npm, 'exit')
setTimeout(() => fail(`no end after ${limitMs} ms`), limitMs).unref()

const { host, port } = await listening()
console.log(`listening on ${host}:${port} after ${Date.now() - started} ms`)
await checkEcho(host, port)
process.kill(serverPid(npm.pid ?? 0), 'SIGTERM')
const [code, signal] = await ended
if (code !== 0) fail(`ended with code ${code}, signal ${signal} after SIGTERM`)
console.log('ended with 0 after SIGTERM')

/** @returns {Promise<{ host: string, port: number }>} */
async function listening() {
  for await (const line of createInterface({ input: npm.stdout })) {
    console.log(line)
    const match = /^holdfast listening on (.+):(\d+)\b/.exec(line)
    if (match?.[1]) return { host: match[1], port: Number(match[2]) }
  }
  return fail('npm start ended without saying that it listens')
}

/**
 * @param {string} host
 * @param {number} port
 */
async function checkEcho(host, port) {
  const message = `hold fast ${'x'.repeat(100_000)} ${started}\n`
  const socket = connect(port, host)
  socket.setEncoding('latin1')
  socket.end(message)
  let echoed = ''
  for await (const chunk of socket) echoed += chunk
  if (echoed !== message) fail(`sent ${message.length} bytes, ${echoed.length} came back`)
  console.log(`${echoed.length} bytes echoed`)
}

/**
 * npm runs a shell that runs node: the last child in the chain is the server.
 * @param {number} pid
 * @returns {number}
 */
function serverPid(pid) {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      // pid (name) state ppid: the name may hold spaces and parentheses.
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      if (parent === pid) return serverPid(Number(entry))
    } catch {
      // Gone between the listing and the reading.
    }
  }
  return pid
}

/**
 * @param {string} text
 * @returns {never}
 */
function fail(text) {
  console.error(text)
  try {
    process.kill(serverPid(npm.pid ?? 0), 'SIGKILL')
  } catch {
    // Already gone.
  }
  process.exit(1)
}
