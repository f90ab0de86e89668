import { Command, CommanderError } from 'commander'
import type { CloseOptions } from '../core/contract.js'
import type { DeadlineOptions } from '../core/deadlines.js'
import type { KeepalivePolicy, UserTimeout } from '../core/keepalive-policy.js'
import type { LimitOptions } from '../core/limits.js'
import { DEFAULT_KEEPALIVE_PRESET } from '../core/presets.js'
import type { ProxyOptions } from '../core/proxy.js'
import type { IoKind } from '../native/reactor.js'
import { DRAIN_DEFAULT, drainArguments, type RawDrain } from './drain-arguments.js'
import { KEEPALIVE_ALLOWED, keepaliveArgument, onPath } from './keepalive-argument.js'
import {
  deadlineArguments,
  limitArguments,
  proxyArguments,
  type RawLimits,
} from './limit-arguments.js'
import { PROTOCOL_ALLOWED, protocolArgument } from './protocol-argument.js'
import { badArgument, choiceArgument, integerArgument, UsageError } from './usage.js'

/** What `holdfast serve` was asked for, checked; undefined: as the protocol has it, or by default. */
export interface ServeOptions {
  host: string
  port: number
  /** A name, or the path of a module. */
  protocol: string
  keepalive: KeepalivePolicy | undefined
  inherit: 'auto' | 'never' | undefined
  io: 'auto' | IoKind | undefined
  backlog: number | undefined
  reusePort: true | undefined
  limits: LimitOptions
  deadlines: DeadlineOptions
  proxy: ProxyOptions | undefined
  drain: CloseOptions
  json: boolean
  quiet: boolean
}

/** What commander collects: texts as given, or the defaults below. */
interface RawOptions extends RawLimits, RawDrain {
  host: string
  port: string
  protocol: string
  keepalive?: string
  userTimeout?: string
  pathTimeout?: string
  inherit?: string
  io?: string
  backlog?: string
  reusePort?: true
  json: boolean
  quiet: boolean
}

const INT32_MAX = 2 ** 31 - 1

/** Builds the command line. `serve` is called with checked options; a mistake throws UsageError. */
export function buildProgram(
  version: string,
  serve: (options: ServeOptions) => Promise<void>,
): Command {
  const program = new Command('holdfast')
  program
    .description('TCP servers that hold very many connections open for a long time')
    .version(version)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showSuggestionAfterError(false)
  program
    .command('serve')
    .description('listen, speak a protocol, and report how each connection ended')
    .option('--host <host>', 'IP address or host name', '127.0.0.1')
    .option('--port <port>', '0 to 65535; 0: any free port', '7007')
    .option('--protocol <name>', PROTOCOL_ALLOWED, 'echo')
    .option(
      '--keepalive <policy>',
      `${KEEPALIVE_ALLOWED} (default: the protocol's, or ${DEFAULT_KEEPALIVE_PRESET})`,
    )
    .option('--user-timeout <ms>', 'auto, off, or milliseconds (default: auto)')
    .option(
      '--path-timeout <duration>',
      'how long the path remembers an idle connection, 2260ms or more: 240s',
    )
    .option('--inherit <when>', 'auto, never: set keepalive socket by socket (default: auto)')
    .option('--io <kind>', 'auto, epoll, uv (default: auto)')
    .option('--backlog <n>', 'arrivals the kernel queues (default: 511)')
    .option('--reuse-port', 'share the port with other processes')
    .option('--max-connections <n>', 'open at once; beyond it arrivals wait')
    .option('--max-per-address <n>', 'open at once from one address; beyond it arrivals are reset')
    .option('--idle <duration>', 'end a connection on which nothing moved for so long: 10min')
    .option(
      '--proxy-from <networks>',
      'proxies whose PROXY header tells the client: 10.0.0.0/8,192.0.2.1',
    )
    .option('--drain <duration>', 'how long connections may take to end', DRAIN_DEFAULT)
    .option('--drain-per-second <n>', 'ask at most so many a second to end')
    .option('--goodbye <text>', 'the last that each client gets')
    .option('--json', 'one JSON object per line', false)
    .option('--quiet', 'only listening, stats and closed', false)
    .action((raw: RawOptions) => serve(checkOptions(raw)))
  return program
}

/** Runs the program; commander's own errors become UsageErrors that say what is allowed. */
export async function parse(program: Command, args: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error
    }
    // Help or version was asked for and has been printed.
    if (error.exitCode === 0) {
      return
    }
    throw new UsageError(explain(error, program, args[0]))
  }
}

function explain(error: CommanderError, program: Command, asked: string | undefined): string {
  const commands = program.commands.map((command) => command.name()).join(', ')
  const message = error.message.replace(/^error: /, '')
  switch (error.code) {
    case 'commander.help':
      return `a command is missing; known: ${commands} (holdfast --help)`
    case 'commander.unknownCommand':
      return `${message}; known: ${commands}`
    case 'commander.unknownOption': {
      const command = program.commands.find((one) => one.name() === asked) ?? program
      const flags = command.options.map(({ long }) => long)
      return `${message}; known: ${[...flags, '--help'].join(', ')}`
    }
    default:
      return message
  }
}

function checkOptions(raw: RawOptions): ServeOptions {
  if (raw.host === '' || raw.host.length > 253) {
    throw badArgument('--host', raw.host, 'an IP address or a host name of 1 to 253 characters')
  }
  return {
    host: raw.host,
    port: integerArgument('--port', raw.port, 0, 65_535),
    protocol: protocolArgument(raw.protocol),
    keepalive: checkKeepalive(raw),
    inherit: given(raw.inherit, (text) => choiceArgument('--inherit', text, ['auto', 'never'])),
    io: given(raw.io, (text) => choiceArgument('--io', text, ['auto', 'epoll', 'uv'])),
    backlog: given(raw.backlog, (text) => integerArgument('--backlog', text, 1, INT32_MAX)),
    reusePort: raw.reusePort,
    limits: limitArguments(raw),
    deadlines: deadlineArguments(raw),
    proxy: proxyArguments(raw),
    drain: drainArguments(raw),
    json: raw.json,
    quiet: raw.quiet,
  }
}

function given<Value>(text: string | undefined, check: (text: string) => Value): Value | undefined {
  return text === undefined ? undefined : check(text)
}

/** One of the three options is enough to have a policy of the command line's. */
function checkKeepalive(raw: RawOptions): KeepalivePolicy | undefined {
  const { keepalive, userTimeout: userTimeoutText = 'auto', pathTimeout } = raw
  if (keepalive === undefined && raw.userTimeout === undefined && pathTimeout === undefined) {
    return undefined
  }
  const policy = keepaliveArgument(keepalive ?? DEFAULT_KEEPALIVE_PRESET)
  const userTimeout = userTimeoutArgument(userTimeoutText)
  if (!policy.enabled && typeof userTimeout === 'number') {
    throw badArgument('--user-timeout', userTimeoutText, 'auto or off while keepalive is off')
  }
  return onPath(policy.withUserTimeout(userTimeout), pathTimeout)
}

function userTimeoutArgument(text: string): UserTimeout {
  if (text === 'auto' || text === 'off') {
    return text
  }
  if (!/^\d+$/.test(text)) {
    throw badArgument('--user-timeout', text, `auto, off or an integer from 1 to ${INT32_MAX} ms`)
  }
  return integerArgument('--user-timeout', text, 1, INT32_MAX, 'ms')
}
