import type { Needs } from './requirements.js'

/** Beside its connections: what a process of Node, or a load generator, opens by itself. */
const ownDescriptors = 50
/** Some 10,000 of the kernel's for both ends, and what a server in Node keeps. */
const pairBytes = 16_000

/** What connections on loopback take of the machine, by how many the fullest process has, and all. */
export function needsOfCrowd(connections: number, total = connections): Needs {
  return {
    descriptorsPerProcess: connections + ownDescriptors,
    openFiles: 2 * (total + ownDescriptors),
    memoryBytes: total * pairBytes,
  }
}
