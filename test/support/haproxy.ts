import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Child } from './process-child.js'
import { atTestEnd } from './process-scope.js'

// haproxy cannot say which free port it was given, so it inherits a socket that listens already.
const LISTEN_AND_EXEC = `
import os, socket, sys
listener = socket.create_server(('127.0.0.1', 0))
os.set_inheritable(listener.fileno(), True)
os.environ['LISTEN_FD'] = str(listener.fileno())
print(listener.getsockname()[1], flush=True)
os.execvp('haproxy', ['haproxy', '-db', '-f', sys.argv[1]])
`

const configuration = (port: number, options: string): string => `
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend clients
  bind "fd@\${LISTEN_FD}"
  unique-id-format %{+X}o%ci-%cp
  default_backend servers
backend servers
  server one 127.0.0.1:${port} ${options}
`

/** In a sanitizer run: other people's programs are not what it is about. */
export const NOT_SANITIZED = { LD_PRELOAD: '' } as const

/** Why these programs cannot be used here; empty when they can. */
export function programsMissing(...programs: readonly string[]): string {
  const missing = programs.filter((program) => {
    try {
      execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' })
      return false
    } catch {
      return true
    }
  })
  if (missing.length === 0) {
    return ''
  }
  const reason = `not installed here: ${missing.join(', ')}`
  process.stderr.write(`SKIPPED, ${reason}\n`)
  return reason
}

/**
 * haproxy(1) in front of 127.0.0.1:`port`; `options` are those of its server line, such as
 * send-proxy-v2. Resolves with the port for its clients. It is gone when the test has finished.
 */
export async function haproxy(port: number, options: string): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdfast-haproxy-'))
  const file = path.join(directory, 'haproxy.cfg')
  writeFileSync(file, configuration(port, options))
  const how = { program: ['python3'], env: NOT_SANITIZED }
  const child = new Child(['-c', LISTEN_AND_EXEC, file], how)
  atTestEnd(() => rmSync(directory, { recursive: true, force: true }))
  return Number(await child.line())
}
