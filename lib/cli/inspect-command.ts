import type { Command } from 'commander'
import { readPortSockets } from '../core/port-sockets.js'
import { loadNative } from '../native/load.js'
import type { NativeModule } from '../native/reactor.js'
import { judge, socketsAsJson, socketsAsText } from './format-sockets.js'
import { printLines } from './print.js'
import { durationArgument } from './quantities.js'
import { integerArgument, UsageError } from './usage.js'

/** What commander collects: texts as given. */
interface RawOptions {
  port?: string
  suspectAfter: string
  json: boolean
}

/** `holdfast inspect`: the connections on a local port of this machine, whichever process holds them. */
export function addInspect(program: Command, load: () => NativeModule = loadNative): void {
  program
    .command('inspect')
    .description('list the TCP connections on a local port of this machine, suspects first')
    .option('--port <port>', 'the local port, 1 to 65535')
    .option(
      '--suspect-after <duration>',
      'silence that makes a peer suspect: 500ms, 90s, 5min',
      '120s',
    )
    .option('--json', 'one JSON object per line', false)
    .action((raw: RawOptions) => {
      // Not commander's requiredOption(): that would hide a mistyped option behind the missing one.
      if (raw.port === undefined) {
        throw new UsageError('--port is missing: an integer from 1 to 65535')
      }
      const port = integerArgument('--port', raw.port, 1, 65_535)
      const suspectAfterMs = durationArgument('--suspect-after', raw.suspectAfter, 0)
      const judged = judge(readPortSockets(load(), port), suspectAfterMs)
      printLines([...(raw.json ? socketsAsJson : socketsAsText)(port, judged)])
    })
}
