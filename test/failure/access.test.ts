import { execFile } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { explain, findAccess } from './access.js'
import { root } from './client.js'
import { TOOL_ENV } from './command.js'

const access = await findAccess()
const missing = typeof access === 'string' ? null : explain(access)

// A user namespace in which nobody may make another, and a root of it without capabilities.
const POWERLESS = `echo 0 >/proc/sys/user/max_user_namespaces &&
exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all "$@"`

interface Ended {
  code: string | number | null
  stderr: string
}

function powerless(args: readonly string[]): Promise<Ended> {
  const command = [
    '--user',
    '--map-root-user',
    'sh',
    '-c',
    POWERLESS,
    'sh',
    process.execPath,
    ...args,
  ]
  return new Promise((resolve) => {
    execFile('unshare', command, { cwd: root, env: TOOL_ENV }, (error, _, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), stderr })
    })
  })
}

describe.skipIf(missing !== null)('without privileges and without user namespaces', () => {
  test('the table is refused, loudly, with each way that was tried and what would help', async () => {
    const { code, stderr } = await powerless(['--import', 'tsx', 'test/failure/main.ts', 'idle'])
    expect(stderr).toContain('THE FAILURE LABORATORY CANNOT RUN HERE')
    expect(stderr).toMatch(/as root: .*Operation not permitted/)
    expect(stderr).toMatch(/as user namespace: .*unshare failed/)
    expect(stderr).toContain('unprivileged_userns_clone')
    expect(code).toBe(2)
  })

  test('--write goes with every scenario', async () => {
    const { code, stderr } = await powerless([
      '--import',
      'tsx',
      'test/failure/main.ts',
      '--write',
      'x',
    ])
    expect(stderr).toContain('--write goes with every scenario')
    expect(code).toBe(2)
  })
})
