import { execFile } from 'node:child_process'

// No command of the laboratory takes longer than a few hundredths of a second on an idle machine.
const COMMAND_MS_MAX = 10_000

/** Where the tools of a system lie; an ordinary user's PATH often lacks the second half. */
export const TOOL_PATH = '/usr/bin:/bin:/usr/sbin:/sbin'

export const TOOL_ENV: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${TOOL_PATH}:${process.env.PATH ?? ''}`,
  LC_ALL: 'C',
}

/**
 * Runs a command to its end, with `input` on its stdin; resolves to its stdout.
 * @throws Error with the command and its stderr when it fails or takes longer than 10 s
 */
export function command(name: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: TOOL_ENV, timeout: COMMAND_MS_MAX }
    const child = execFile(name, args, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout)
      } else {
        const text = [name, ...args].join(' ')
        reject(new Error(`${text}: ${stderr.trim() || error.message}${input && `\n${input}`}`))
      }
    })
    // A command that fails at once closes its stdin; its exit tells the story.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

/** Milliseconds of CLOCK_MONOTONIC, which is one clock for all processes of a machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
