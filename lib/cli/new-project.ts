import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { badArgument, UsageError } from './usage.js'

/** npm leaves files of the second name out of packages. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' }
/** The name that the templates go by. */
const PLACEHOLDER = 'my-protocol'
const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Writes the template into a directory of that name, which must be empty or not there. Returns the
 * files, by their paths within it.
 */
export function newProject(name: string, language: 'ts' | 'js'): string[] {
  checkName(name)
  const directory = resolve(name)
  const there = statSync(directory, { throwIfNoEntry: false })
  if (there !== undefined && !(there.isDirectory() && readdirSync(directory).length === 0)) {
    throw new UsageError(
      `new ${JSON.stringify(name)}: ${directory} is there and not an empty directory`,
    )
  }
  const template = join(root, 'examples/templates', language)
  const files = readdirSync(template, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(template, file)).isFile())
    .sort()
  for (const file of files) {
    const text = readFileSync(join(template, file), 'utf8').replaceAll(PLACEHOLDER, name)
    const target = join(directory, RENAMED[file] ?? file)
    mkdirSync(dirname(target), { recursive: true })
    const content = file === 'package.json' ? withVersions(text, directory) : text
    writeFileSync(target, content, { flag: 'wx' })
  }
  return files.map((file) => RENAMED[file] ?? file)
}

/** The rules of npm for a new package without a scope. */
function checkName(name: string): void {
  const taken = [...builtinModules, 'node_modules', 'favicon.ico', 'holdfast']
  if (!/^[a-z0-9][a-z0-9._-]{0,213}$/.test(name) || taken.includes(name)) {
    const allowed = 'a package name: 1 to 214 of a-z, 0-9, - . _, the first of a-z or 0-9'
    throw badArgument('new', name, `${allowed}, and no module of Node`)
  }
}

/** This very copy of holdfast, and the tools that it is built with. */
function withVersions(text: string, directory: string): string {
  const project = JSON.parse(text) as Record<string, Record<string, string> | undefined>
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  project.dependencies = { holdfast: `file:${relative(directory, root)}` }
  for (const tool of Object.keys(project.devDependencies ?? {})) {
    Object.assign(project.devDependencies ?? {}, { [tool]: own.devDependencies[tool] })
  }
  return `${JSON.stringify(project, null, 2)}\n`
}
