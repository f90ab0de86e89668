import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { nativeDirectory, scriptDirectory } from './paths.js'

/** A server that is measured: a program that speaks the control protocol of bench/README.md. */
export interface Contestant {
  readonly name: string
  /** The program and its arguments; what is given here is left out by programs in C. */
  command(nodeFlags: readonly string[], scriptArguments: readonly string[]): string[]
  isBuilt(): boolean
  /** A proxy: the server behind it has a share of its core that cannot be told from other processes'. */
  readonly isProxy?: boolean
  /** It answers `pauses` by what garbage collection took. */
  readonly tellsPauses?: boolean
}

export function inC(name: string, program: string, ...args: string[]): Contestant {
  const path = join(nativeDirectory, program)
  return { name, command: () => [path, ...args], isBuilt: () => existsSync(path) }
}

export function inNode(name: string, script: string, ...args: string[]): Contestant {
  const path = join(scriptDirectory, script)
  return {
    name,
    tellsPauses: true,
    command: (nodeFlags, scriptArguments) => [
      process.execPath,
      ...nodeFlags,
      path,
      ...args,
      ...scriptArguments,
    ],
    isBuilt: () => existsSync(path),
  }
}
