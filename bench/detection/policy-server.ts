import type { Message } from '../harness/child.js'
import type { Server } from '../harness/server.js'

/** What servers/policies.ts tells of a connection that has ended. */
export interface Ending {
  readonly listener: number
  readonly port: number | null
  /** CLOCK_MONOTONIC. */
  readonly atMs: number
  /** Of the silence; null where the server does not know it. */
  readonly detectedMs: number | null
  readonly how: string
}

/** The port of each listener, in the order in which they were asked for. */
export async function portsOf(server: Server): Promise<readonly number[]> {
  const { ports } = (await server.ask('ports', 'ports')) as Message & { ports: readonly number[] }
  return ports
}

/** All that have ended since the server started. */
export async function endingsOf(server: Server): Promise<readonly Ending[]> {
  const answer = await server.ask('endings', 'endings')
  return (answer as Message & { endings: readonly Ending[] }).endings
}
