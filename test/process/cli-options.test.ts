import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { describe, expect } from 'vitest'
import { root } from '../support/process-child.js'
import { atTestEnd, sideBySide, sideBySideFor } from '../support/process-scope.js'
import { holdfast, serve, stop } from '../support/process-serve.js'

const presets = ['lan-strict', 'interactive', 'cloud-lb', 'nat', 'mobile', 'off']

/** One line on stderr, nothing on stdout, that exit code; returns the line. */
async function refusal(code: number, args: readonly string[]): Promise<string> {
  const { stdout, stderr, ...ended } = await holdfast(...args).ended
  expect(ended).toEqual({ code, signal: null })
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^holdfast: [^\n]+\n$/)
  return stderr
}

describe('holdfast serve: a bad option exits 2 and says what is allowed', () => {
  sideBySideFor<[string, string, string, string[]]>(
    [
      ['a port that is no number', '--port', 'http', ['0', '65535']],
      ['a port that does not exist', '--port', '65536', ['0', '65535']],
      ['a port below zero', '--port', '-1', ['0', '65535']],
      ['a port in hexadecimal', '--port', '0x50', ['0', '65535']],
      ['no backlog', '--backlog', '0', ['1', '2147483647']],
      ['an unknown preset', '--keepalive', 'strict', [...presets, 'IDLE_MS/INTERVAL_MS/COUNT']],
      ['a policy without its count', '--keepalive', '5000/1000', ['IDLE_MS/INTERVAL_MS/COUNT']],
      ['an idle time below a second', '--keepalive', '999/1000/3', ['idleMs', '1000', '32767000']],
      ['an interval of zero', '--keepalive', '1000/0/3', ['intervalMs', '1000', '32767000']],
      ['too many probes', '--keepalive', '1000/1000/128', ['count', '1', '127']],
      ['a user timeout of zero', '--user-timeout', '0', ['1', '2147483647']],
      ['a user timeout in words', '--user-timeout', 'soon', ['auto', 'off', '1', '2147483647']],
      ['an unknown inheritance', '--inherit', 'always', ['auto', 'never']],
      ['an unknown Io', '--io', 'kqueue', ['auto', 'epoll', 'uv']],
      ['an unknown protocol', '--protocol', 'http', ['echo', 'discard', 'resp', './protocol.ts']],
      ['an empty host', '--host', '', ['host name']],
    ],
    '%s',
    async ([_name, option, value, allowed]) => {
      const line = await refusal(2, ['serve', option, value])
      for (const word of [option, value, ...allowed]) {
        expect(line).toContain(word)
      }
    },
  )

  sideBySide('a user timeout while keepalive is off', async () => {
    const line = await refusal(2, ['serve', '--keepalive', 'off', '--user-timeout', '5000'])
    for (const word of ['--user-timeout', '5000', 'auto', 'off']) {
      expect(line).toContain(word)
    }
  })

  sideBySideFor<[string, string[], string[]]>(
    [
      ['an unknown option', ['serve', '--prot', '80'], ['--prot', '--port', '--protocol']],
      ['an option without its value', ['serve', '--port'], ['--port']],
      ['an argument too many', ['serve', '7007'], ['serve']],
      ['an unknown command', ['listen'], ['listen', 'serve']],
      ['no command', [], ['serve', '--help']],
    ],
    '%s',
    async ([_name, args, words]) => {
      const line = await refusal(2, args)
      for (const word of words) {
        expect(line).toContain(word)
      }
    },
  )
})

describe('holdfast serve: what the system refuses exits 1', () => {
  sideBySide('a port in use', async () => {
    const owner = net.createServer().listen(0, '127.0.0.1')
    await once(owner, 'listening')
    atTestEnd(() => owner.close())
    const { port } = owner.address() as net.AddressInfo
    const line = await refusal(1, ['serve', '--port', String(port)])
    expect(line).toContain('EADDRINUSE')
    expect(line).toContain(`127.0.0.1:${port}`)
  })

  sideBySide('an address that is not of this machine', async () => {
    const line = await refusal(1, ['serve', '--host', '192.0.2.1', '--port', '0'])
    expect(line).toContain('EADDRNOTAVAIL')
    expect(line).toContain('192.0.2.1')
  })
})

describe('holdfast', () => {
  sideBySide('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
    expect(await holdfast('--version').ended).toEqual({
      code: 0,
      signal: null,
      stdout: `${version}\n`,
      stderr: '',
    })
  })

  sideBySideFor(
    [
      { args: ['--help'], words: ['serve', 'plan', 'presets', 'inspect', 'new', '--version'] },
      {
        args: ['plan', '--help'],
        words: [
          ...['--within', '--connections', '--path-timeout', '--loss', '--loss-tolerance'],
          ...['--keepalive', ...presets, '--outage', '--ip-version', '--price-per-gb', '--json'],
        ],
      },
      {
        args: ['serve', '--help'],
        words: [
          ...['--host', '--port', '--protocol', '--keepalive', '--user-timeout', '--inherit'],
          '--path-timeout',
          ...['--io', '--backlog', '--reuse-port', '--json', '--quiet'],
          ...['127.0.0.1', '7007', 'echo', 'discard', ...presets],
        ],
      },
    ],
    '$args tells what there is',
    async ({ args, words }) => {
      const { stdout, ...ended } = await holdfast(...args).ended
      expect(ended).toEqual({ code: 0, signal: null, stderr: '' })
      for (const word of words) {
        expect(stdout).toContain(word)
      }
    },
  )

  sideBySide('serves with every option given at once', async () => {
    const child = serve(
      ...['--host', '127.0.0.1', '--protocol', 'discard', '--keepalive', 'lan-strict'],
      ...['--user-timeout', '8000', '--inherit', 'never', '--backlog', '64'],
      ...['--reuse-port', '--json', '--quiet'],
    )
    expect(await child.event('listening')).toMatchObject({
      host: '127.0.0.1',
      keepalive: { preset: 'lan-strict', userTimeoutMs: 8000, source: 'per-socket' },
    })
    await stop(child)
  })
})
