import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Text of every file of the project, by its path relative to the root with forward slashes. */
export type Project = ReadonlyMap<string, string>

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const notOurs = new Set(['.git', 'node_modules', 'build', 'dist', 'dist.next', 'coverage'])
const textBytesMax = 2 * 1024 * 1024 // then: not a file a person reads

export function readProject(): Project {
  const names = listedByGit() ?? listedByWalking('')
  const project = new Map<string, string>()
  for (const name of names.sort()) {
    const file = path.join(root, name)
    // Listed but deleted, or a submodule.
    if (!existsSync(file) || !statSync(file).isFile()) continue
    const content = readFileSync(file)
    if (content.length > textBytesMax || content.subarray(0, 8192).includes(0)) continue
    project.set(name, content.toString('utf8'))
  }
  return project
}

// Files not yet added count too: a check that waits for `git add` comes too late.
function listedByGit(): string[] | undefined {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const result = spawnSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.status !== 0) return undefined
  const names = result.stdout.split('\0').filter(Boolean)
  return names.length > 0 ? [...new Set(names)] : undefined
}

// An unpacked tarball has no git.
function listedByWalking(directory: string): string[] {
  return readdirSync(path.join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const name = directory ? `${directory}/${entry.name}` : entry.name
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : listedByWalking(name)
    return entry.isFile() ? [name] : []
  })
}
