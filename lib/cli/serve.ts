// Handlers that are served may call toDuplex().
import '../adapters/duplex.js'
import type { Handler, Server } from '../core/contract.js'
import { DEADLINE_MS_DEFAULT } from '../core/drain.js'
import { listen } from '../core/listen.js'
import { protocolNamed } from '../protocols/index.js'
import { formatJson } from './format-json.js'
import { formatText } from './format-text.js'
import type { ServeOptions } from './options.js'
import { Output } from './output.js'

/** Serves until SIGTERM or SIGINT, then drains. A second one ends the process at once with code 1. */
export async function serve(options: ServeOptions): Promise<void> {
  const output = new Output(process.stdout, options.json ? formatJson : formatText)
  const protocol = protocolNamed(options.protocol)
  const server = await listen({
    host: options.host,
    port: options.port,
    keepalive: options.keepalive,
    inherit: options.inherit,
    io: options.io,
    backlog: options.backlog,
    reusePort: options.reusePort,
    limits: options.limits,
    deadlines: options.deadlines,
    handler: options.quiet ? protocol : announcing(protocol, output),
  })
  const stopped = stopSignal()
  printOnRequest(server, output)
  const { host, port } = server.address
  const { io, keepalive } = server
  if (!options.quiet) {
    server.onDisconnect((completion) => output.print({ event: 'disconnect', completion }))
    server.onRefused((cause, count) => output.print({ event: 'refused', cause, count }))
  }
  output.print({ event: 'listening', host, port, pid: process.pid, io, keepalive })
  if (!options.json) {
    for (const warning of keepalive.warnings) {
      process.stderr.write(`holdfast: warning: ${warning}\n`)
    }
  }
  await stopped
  const { open } = server.counters
  const { deadlineMs = DEADLINE_MS_DEFAULT } = options.drain
  if (open > 0 && !options.json) {
    process.stderr.write(
      `holdfast: ending ${open} open connection${open === 1 ? '' : 's'}, for up to ${deadlineMs / 1000} s; a second signal stops at once\n`,
    )
  }
  const counters = await server.close(options.drain)
  output.print({ event: 'stats', counters })
  output.print({ event: 'closed' })
  await output.flushed()
}

function announcing(protocol: Handler, output: Output): Handler {
  return {
    ...protocol,
    open(connection) {
      const { id, remoteAddress, remotePort } = connection
      output.print({ event: 'open', id, remoteAddress, remotePort })
      return protocol.open?.(connection)
    },
  }
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = (): void => {
      if (asked) {
        process.exit(1)
      }
      asked = true
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}

function printOnRequest(server: Server, output: Output): void {
  // Windows has no SIGUSR2 and refuses to listen for it.
  if (process.platform !== 'win32') {
    process.on('SIGUSR2', () => output.print({ event: 'stats', counters: server.counters }))
  }
}
