// Handlers that are served may call toDuplex().
import '../adapters/duplex.js'
import type { Server } from '../core/contract.js'
import { DEADLINE_MS_DEFAULT } from '../core/drain.js'
import { listen } from '../core/listen.js'
import type { ListenOptions } from '../core/options.js'
import type { ProtocolOptions } from '../protocols/definition.js'
import { announcing } from './announcing.js'
import { formatJson } from './format-json.js'
import { formatStack, formatText } from './format-text.js'
import { loadProtocol } from './load-protocol.js'
import type { ServeOptions } from './options.js'
import { Output } from './output.js'

/** Serves until SIGTERM or SIGINT, then drains. A second one ends the process at once with code 1. */
export async function serve(options: ServeOptions): Promise<void> {
  const output = new Output(process.stdout, options.json ? formatJson : formatText)
  // With --json a stack stands in its line.
  const stacks = new Output(process.stderr, formatStack)
  const protocol = await loadProtocol(options.protocol)
  const server = await listen({
    ...listenOptions(options, protocol.options ?? {}),
    handler: options.quiet ? protocol : announcing(protocol, output),
  })
  const stopped = stopSignal()
  printOnRequest(server, output)
  const { host, port } = server.address
  const { io, keepalive } = server
  if (!options.quiet) {
    server.onDisconnect((completion) => {
      output.print({ event: 'disconnect', completion })
      if (completion.reason === 'handler-error' && !options.json) {
        stacks.print({ event: 'disconnect', completion })
      }
    })
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
  await stacks.flushed()
}

/** What the command line says is above what the protocol asks for. */
function listenOptions(
  options: ServeOptions,
  asked: ProtocolOptions,
): Omit<ListenOptions, 'handler'> {
  const { host, port, keepalive, inherit, io, backlog, reusePort, proxy } = options
  const named = Object.entries({ host, keepalive, inherit, io, backlog, reusePort, proxy })
  return {
    ...asked,
    ...Object.fromEntries(named.filter(([, value]) => value !== undefined)),
    limits: { ...asked.limits, ...options.limits },
    deadlines: { ...asked.deadlines, ...options.deadlines },
    port,
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
