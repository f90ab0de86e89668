#!/usr/bin/env node
import { createRequire } from 'node:module'
import { addInspect } from './inspect-command.js'
import { addNew } from './new-command.js'
import { buildProgram, parse } from './options.js'
import { addPlan } from './plan-command.js'
import { addPresets } from './presets-command.js'
import { serve } from './serve.js'
import { UsageError } from './usage.js'

const EXIT_FAILURE = 1
const EXIT_USAGE = 2

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

// A closed stderr must not end a server that is otherwise well.
process.stderr.on('error', () => {})

// In place of Node's own two lines.
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  process.stderr.write(`holdfast: warning: ${oneLine(warning)}\n`)
})

const program = buildProgram(version, serve)
addPlan(program)
addPresets(program)
addInspect(program)
addNew(program)

try {
  await parse(program, process.argv.slice(2))
} catch (error) {
  process.stderr.write(`holdfast: ${oneLine(error)}\n`)
  process.exitCode = isUsage(error) ? EXIT_USAGE : EXIT_FAILURE
}

function isUsage(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return (
    error instanceof UsageError ||
    (typeof code === 'string' && /^ERR_HOLDFAST_(OPTION|UNKNOWN)_/.test(code))
  )
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s*\n\s*/g, ' ')
}
