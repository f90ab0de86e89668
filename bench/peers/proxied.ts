import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { say } from '../baselines/control.js'
import { freePort } from '../baselines/free-port.js'
import { proxies } from './proxies.js'

// A proxy in front of an echo server in C that speaks the control protocol: what that one has counted
// must be what the clients sent, since each of theirs has one connection behind the proxy. Both inherit
// this process's core, and this process sleeps.
const { values } = parseArgs({
  options: { proxy: { type: 'string' }, backend: { type: 'string' } },
})
const proxy = proxies[values.proxy ?? '']
if (proxy === undefined || values.backend === undefined) {
  throw new Error(`--proxy ${values.proxy} --backend ${values.backend}: expected both`)
}

const startTimeoutMs = 8000

/** The state of a socket that listens, in /proc/net/tcp. */
const listening = '0A'

function listens(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .some((line) => {
      const [, local, , state] = line.trim().split(/\s+/)
      return local === address && state === listening
    })
}

const backend = spawn(values.backend, { stdio: ['pipe', 'pipe', 'inherit'] })
const answers = createInterface({ input: backend.stdout })
const [firstLine] = await once(answers, 'line')
const { port: backendPort } = JSON.parse(firstLine) as { port: number }

const port = await freePort()
const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
writeFileSync(join(directory, 'configuration'), proxy.configuration(directory, port, backendPort))
// Ends with this process, even when that is killed.
const front = spawn('setpriv', ['--pdeathsig', 'KILL', ...proxy.command(directory)], {
  stdio: ['ignore', 'inherit', 'inherit'],
})
process.on('exit', () => {
  front.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})
front.on('exit', (code, signal) => {
  process.stderr.write(`${values.proxy} ended: ${signal ?? `status ${code}`}\n${log()}`)
  process.exit(1)
})
backend.on('exit', () => process.exit(0))

/** What nginx has to say stands there. */
function log(): string {
  try {
    return readFileSync(join(directory, 'error.log'), 'utf8')
  } catch {
    return ''
  }
}

// Neither of them says when it listens, and to try would be a connection too many.
for (const deadlineMs = Date.now() + startTimeoutMs; !listens(port); await sleep(5)) {
  if (Date.now() > deadlineMs) throw new Error(`${values.proxy} does not listen: ${log()}`)
}
say({ event: 'listening', port, clockPid: front.pid })
answers.on('line', (line) => process.stdout.write(`${line}\n`))
process.stdin.pipe(backend.stdin)
