import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { say, serveControl } from './control.js'
import { freePort } from './free-port.js'

// Debian's redis-server, without persistence, behind the control protocol of the others. It inherits
// this process's core, and this process sleeps.
const tickNs = 10_000_000 // USER_HZ, which the kernel's interface fixes at 100

const port = await freePort()
const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no']
const redis = spawn('redis-server', ['--port', String(port), ...settings], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
process.on('exit', () => redis.kill())
redis.on('exit', (code) => {
  process.stderr.write(`redis-server ended with ${code}\n`)
  process.exit(1)
})

/** utime and stime: proc(5). */
function cpuNs(): number {
  const stat = readFileSync(`/proc/${redis.pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickNs
}

createInterface({ input: redis.stdout }).on('line', (line) => {
  if (line.includes('Ready to accept connections')) {
    const none = { accepted: 0, closed: 0, receivedBytes: 0, sentBytes: 0 }
    serveControl(port, () => none, { cpu: () => say({ event: 'cpu', cpuNs: cpuNs() }) })
  }
})
