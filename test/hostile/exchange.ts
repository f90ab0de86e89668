import type { Client } from '../support/process-clients.js'

/** One line and its answer on each: all of them have been accepted, and are served. */
export async function exchangeLines(clients: readonly Client[]): Promise<void> {
  await Promise.all(clients.map((client, index) => client.exchange(`line ${index}\n`)))
}
