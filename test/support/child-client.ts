import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A client in a process of its own, to be killed or to keep the loop of the test free. */
export interface ChildClient extends AsyncDisposable {
  readonly process: ChildProcess
  /** Its local port. */
  readonly port: number
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
}

// Reads nothing when told so, and says its port once it is connected. The timer keeps it alive: a
// socket that does not read does not.
const SCRIPT = `
  const [port, reads] = process.argv.slice(1)
  const socket = require('node:net').connect({ port: Number(port), host: '127.0.0.1' })
  socket.on('error', () => {})
  setInterval(() => {}, 60_000)
  socket.once('connect', () => {
    if (reads === 'reads') socket.resume()
    else socket.pause()
    process.send(socket.localPort)
  })
`

/** Connects from a process of its own. `reads` false: what the server sends stays unread. */
export async function spawnClient(serverPort: number, reads: boolean): Promise<ChildClient> {
  const child = spawn(
    process.execPath,
    ['-e', SCRIPT, String(serverPort), reads ? 'reads' : 'ignores'],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: plainEnvironment() },
  )
  const [port] = (await once(child, 'message')) as [number]
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) {
      return
    }
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return { process: child, port, kill, [Symbol.asyncDispose]: kill }
}

/** Without a preloaded sanitizer: it would watch a program that is not under test. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, NODE_OPTIONS: __, ...rest } = process.env
  return rest
}
