import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { takePauses } from './pauses.js'

export interface Counters {
  accepted: number
  closed: number
  receivedBytes: number
  sentBytes: number
}

/**
 * Says where the server listens, then answers the harness until it is gone (bench/README.md). A
 * command of the server's own answers by itself, and gets what stands behind its name.
 */
export function serveControl(
  port: number,
  counters: () => Counters,
  commands: Readonly<Record<string, (rest: string) => unknown>> = {},
): void {
  say({ event: 'listening', port })
  const lines = createInterface({ input: process.stdin })
  lines.on('line', async (line) => {
    const [name = '', ...rest] = line.split(' ')
    const command = commands[name]
    if (command !== undefined) {
      await command(rest.join(' '))
      return
    }
    if (name === 'pauses') {
      say({ event: 'pauses', pauses: takePauses() })
      return
    }
    if (name === 'gc') await collectGarbage()
    else if (name !== 'stats') {
      say({ event: 'unknown command', line })
      return
    }
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    say({
      event: 'stats',
      ...counters(),
      heapUsedBytes: heapUsed,
      externalBytes: external,
      arrayBufferBytes: arrayBuffers,
    })
  })
  lines.on('close', () => process.exit(0))
}

// Several times: what a finalizer lets go is found by the next collection only.
async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await sleep(50)
  }
}

export function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
