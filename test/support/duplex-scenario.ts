import { digest } from './bytes.js'
import type { Side } from './duplex-sides.js'

export interface Scenario {
  readonly name: string
  /** Until all has happened; what is worth comparing goes to `log`. */
  act(side: Side): Promise<void>
}

/** The bytes are compared as a whole: how they are cut into chunks is the kernel's matter. */
export function collect({ stream, log }: Side): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => log.push(`received ${digest(Buffer.concat(chunks))}`))
}

export async function over({ stream, client, log, closed }: Side): Promise<void> {
  const heard = client.untilOver()
  await closed
  log.push(`client ${digest(await heard)} ${client.error?.code ?? 'no error'}`)
  const { destroyed, readable, writable, readyState, readableEnded, writableFinished } = stream
  log.push(JSON.stringify({ destroyed, readable, writable, readyState }))
  log.push(JSON.stringify({ readableEnded, writableFinished, errored: stream.errored !== null }))
}

export function note({ log }: Side, what: string): (error?: Error | null) => void {
  return (error) => log.push(`${what}: ${(error as NodeJS.ErrnoException | null)?.code ?? 'done'}`)
}
