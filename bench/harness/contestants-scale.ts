import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { scriptDirectory } from './paths.js'

const path = join(scriptDirectory, 'servers/held.js')

/** How connections are kept: one server program, which is told what to do with them. */
function held(name: string) {
  return {
    name,
    command: (nodeFlags: readonly string[], scriptArguments: readonly string[]) => [
      process.execPath,
      ...nodeFlags,
      path,
      ...scriptArguments,
    ],
    isBuilt: () => existsSync(path),
  }
}

export const keepaliveOff = held('keepalive-off')
export const kernelProbes = held('kernel-probes')
export const heartbeats = held('heartbeat')

export const ofScale = [keepaliveOff, kernelProbes, heartbeats]
