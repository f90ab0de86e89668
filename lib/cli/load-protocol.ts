import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { printValue } from '../core/errors.js'
import { HANDLER_METHODS, resolveListenOptions } from '../core/options.js'
import { makeReader } from '../core/reader.js'
import { protocolNamed, type ServedProtocol } from '../protocols/index.js'
import { importModule } from './import-module.js'
import { isPath } from './protocol-argument.js'
import { running, type Wrong } from './running-module.js'
import { UsageError } from './usage.js'

/**
 * The protocol that `--protocol` names: one of ours, or what a module exports.
 * @throws (rejects with) UsageError when the module is not there or exports something else; its own
 *   error, the file named, when it fails while it is loaded
 */
export async function loadProtocol(argument: string): Promise<ServedProtocol> {
  if (!isPath(argument)) {
    return protocolNamed(argument)
  }
  const file = resolve(argument)
  const wrong = (what: string): UsageError =>
    new UsageError(`--protocol ${JSON.stringify(argument)}: ${what}`)
  const there = statSync(file, { throwIfNoEntry: false })
  if (!there?.isFile()) {
    throw wrong(`${there?.isDirectory() ? 'it is a directory' : 'there is no such file'} (${file})`)
  }
  const exported = await running(wrong, argument, async () =>
    exportedProtocol(await importModule(pathToFileURL(file).href, wrong), wrong),
  )
  if (isClass(exported)) {
    throw wrong('it exports a class; export an instance of it, or a function that makes one')
  }
  const made =
    typeof exported === 'function'
      ? await running(wrong, argument, async () => (exported as () => unknown)())
      : exported
  const subject = typeof exported === 'function' ? 'its function makes' : 'it exports'
  const protocol = checkProtocol(made, subject, wrong)
  // Here, where it can be told from what the command line says.
  await running(wrong, argument, async () =>
    resolveListenOptions({ ...protocol.options, port: 0, handler: protocol }),
  )
  return protocol
}

// tsx makes require() of the imports in a CommonJS project, and that loads modules a second time.
const WHICH_COPY =
  'Name the file .mts or .mjs, or set "type": "module" in its package.json; otherwise run the command of that copy'

/** A CommonJS module, or what TypeScript makes of one, has its exports below `default`. */
function exportedProtocol(module: Record<string, unknown>, wrong: Wrong): unknown {
  if (!('default' in module) && !('protocol' in module)) {
    throw wrong('the module has neither a default export nor one named protocol')
  }
  const { default: standard, protocol } = module
  const inner = standard as { default?: unknown; protocol?: unknown } | null | undefined
  if (typeof standard === 'object' && inner !== null && inner !== undefined) {
    return inner.default ?? inner.protocol ?? inner
  }
  return 'protocol' in module ? (standard ?? protocol) : standard
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

function checkProtocol(value: unknown, subject: string, wrong: Wrong): ServedProtocol {
  if (typeof value !== 'object' || value === null) {
    throw wrong(`${subject} ${printValue(value)}, where a protocol or a handler is needed`)
  }
  const given = value as Record<PropertyKey, unknown>
  if (typeof given.encode === 'function' && given.codec !== undefined) {
    if (given[makeReader] === undefined) {
      throw wrong(`${subject} a protocol of another copy of holdfast. ${WHICH_COPY}`)
    }
    return value
  }
  for (const method of ['message', 'answer']) {
    if (given[method] !== undefined) {
      const codec = given.codec === undefined ? ', and has no codec' : ''
      throw wrong(`${subject} a definition with ${method}(): not made by protocol()${codec}`)
    }
  }
  if (HANDLER_METHODS.every((method) => given[method] === undefined)) {
    throw wrong(`${subject} an object with none of ${HANDLER_METHODS.join(', ')}`)
  }
  return value
}
