import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** @param {string} relative */
export const inRoot = (relative) => path.join(root, relative)

/**
 * The directory to give to the build tools as `nodedir`, when this Node came with its own headers.
 * Without it both tools download the headers. `uv.h` is the witness: a Node-API-only set lacks it.
 * @returns {string | undefined}
 */
export function nodeHeadersPrefix() {
  const prefix = path.resolve(realpathSync(process.execPath), '../..')
  return existsSync(path.join(prefix, 'include/node/uv.h')) ? prefix : undefined
}

/**
 * The first of `names` that can be executed from PATH.
 * @param {...string} names
 * @returns {string | undefined}
 */
export function findProgram(...names) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : ['']
  const directories = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)
  for (const name of names) {
    for (const directory of directories) {
      for (const ending of endings) {
        const candidate = path.join(directory, name + ending)
        if (isExecutable(candidate)) return candidate
      }
    }
  }
  return undefined
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
