import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import { explain, findAccess } from './access.js'
import { Laboratory, root } from './client.js'
import { TOOL_ENV } from './command.js'
import { alive } from './scenarios/alive.js'
import { silence } from './scenarios/silence.js'

const NOBODY = '65534'

// Root becomes nobody; the project may lie in a directory that nobody else may enter, so it is shown
// at another place, in a mount namespace of its own.
const BECOME_NOBODY = `mount -t tmpfs -o mode=755 tmpfs /mnt && mkdir /mnt/project &&
mount --bind "$0" /mnt/project && cd /mnt/project &&
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups "$@"`

const asNobody = (command: string[]): string[] =>
  process.getuid?.() === 0
    ? ['unshare', '--mount', 'sh', '-c', BECOME_NOBODY, root, ...command]
    : command

const access = await findAccess()
const missing = typeof access === 'string' ? null : explain(access)

describe.skipIf(missing !== null)('without root, in a user namespace', () => {
  const laboratory = new Laboratory('user namespace', asNobody)
  afterAll(() => laboratory.close())

  test('the user of this test may make no network namespace outside of it', () => {
    const [name = '', ...args] = asNobody(['unshare', '--net', 'true'])
    const attempt = () => execFileSync(name, args, { env: TOOL_ENV, stdio: 'pipe' })
    expect(attempt).toThrow(/Operation not permitted/)
  })

  test.concurrent.each(
    [alive[0], ...silence].slice(0, 4).map((scenario) => [scenario?.name ?? ''] as const),
  )('%s', async (name) => {
    const scenario = [...alive, ...silence].find((one) => one.name === name)
    const result = await laboratory.run(name, 'epoll', scenario?.families[0] ?? 'v4')
    expect(result.problems).toEqual([])
  })
})
