import type { ProtocolConnection } from '../definition.js'
import type { Reply } from './reply.js'

/** What is kept of a connection. */
export interface Session {
  name: string
  /** And port, as text; null until somebody asks for the list. */
  address: string | null
  /** Those it listens to; null before the first. */
  channels: Set<string> | null
}

export type Client = ProtocolConnection<Reply, Session>
