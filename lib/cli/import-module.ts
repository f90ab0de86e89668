import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { UsageError } from './usage.js'

type Module = Record<string, unknown>

/**
 * Loads a module of somebody else's. TypeScript: as Node does it where it strips types by itself, else
 * by tsx, of the module's project or of ours.
 */
export async function importModule(
  url: string,
  wrong: (what: string) => UsageError,
): Promise<Module> {
  if (/\.[cm]?ts$/.test(url) && !nodeStripsTypes()) {
    const tsx = tsxOf(url) ?? tsxOf(import.meta.url)
    if (tsx === undefined) {
      throw wrong(
        'Node 22.18 or newer reads TypeScript by itself; for this one: npm install -D tsx',
      )
    }
    // As --import does it: for the whole process, whose modules then stay the same ones for all.
    await import(tsx)
  }
  return (await import(url)) as Module
}

function nodeStripsTypes(): boolean {
  const { typescript } = process.features as { typescript?: unknown }
  return typeof typescript === 'string'
}

/** The address of tsx as a package at `from` finds it; undefined: it does not. */
function tsxOf(from: string): string | undefined {
  try {
    return pathToFileURL(createRequire(from).resolve('tsx')).href
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
      return undefined
    }
    throw error
  }
}
