import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect } from 'vitest'
import { Child, root } from '../support/process-child.js'
import { connect } from '../support/process-clients.js'
import { atTestEnd, sideBySide, sideBySideFor } from '../support/process-scope.js'
import { holdfast, serving, stop } from '../support/process-serve.js'

/** A project that depends on this clone, with one module. */
function project(file: string, code: string, settings: object = { type: 'module' }): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdfast-'))
  atTestEnd(() => rmSync(directory, { recursive: true }))
  mkdirSync(path.join(directory, 'node_modules'))
  symlinkSync(root, path.join(directory, 'node_modules/holdfast'))
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify(settings))
  writeFileSync(path.join(directory, file), code)
  return path.join(directory, file)
}

const IMPORT = "import { echo, lines, protocol as make } from 'holdfast'\n"
const UPPER = 'make({ codec: lines(), answer: (conn, line) => line.toUpperCase() })'

describe('holdfast serve --protocol: a module', () => {
  sideBySideFor<[string, string, string, object?]>(
    [
      ['a default export', 'p.mjs', `${IMPORT}export default ${UPPER}`],
      ['an export named protocol', 'p.js', `${IMPORT}export const protocol = ${UPPER}`],
      ['a function that makes one', 'p.mjs', `${IMPORT}export default () => ${UPPER}`],
      ['an async function', 'p.mjs', `${IMPORT}export default async () => ${UPPER}`],
      [
        'TypeScript',
        'p.ts',
        `${IMPORT}type Line = string\nexport default make<string>({ codec: lines(), answer: (_, line: Line) => line.toUpperCase() })`,
      ],
      ['TypeScript in any project', 'p.mts', `${IMPORT}const p = ${UPPER}\nexport default p`, {}],
      ['a handler', 'p.mjs', 'export default { data: (c, d) => c.write(String(d).toUpperCase()) }'],
      [
        'an instance with private fields',
        'p.mjs',
        'export default new (class { #up = true; data(c, d) { if (this.#up) c.write(String(d).toUpperCase()) } })()',
      ],
      [
        'a CommonJS module',
        'p.js',
        'module.exports = { data(c, d) { c.write(String(d).toUpperCase()) } }',
        {},
      ],
      [
        'a CommonJS module by its name',
        'p.cjs',
        'module.exports = { data(c, d) { c.write(String(d).toUpperCase()) } }',
      ],
    ],
    '%s',
    async ([, file, code, settings]) => {
      const { child, port } = await serving('--protocol', project(file, code, settings))
      const client = await connect(port)
      expect(await client.exchange('hello\n')).toBe('HELLO\n')
      expect(await child.event('open')).toMatchObject({ remoteAddress: '127.0.0.1' })
      client.socket.destroy()
      await stop(child)
    },
  )

  sideBySide('its options hold, unless the command line says otherwise', async () => {
    const options = "{ keepalive: 'nat', deadlines: { handshakeMs: 60_000, idleMs: 300 } }"
    const code = `${IMPORT}export default { ...echo, options: ${options} }`
    const file = project('p.mjs', code)
    const { child, port, listening } = await serving('--protocol', file)
    expect(listening).toMatchObject({ keepalive: { preset: 'nat' } })
    await (await connect(port)).ended
    expect(await child.event('disconnect')).toMatchObject({ reason: 'idle-timeout' })
    await stop(child)
    const told = await serving('--protocol', file, '--keepalive', 'mobile', '--idle', '10min')
    expect(told.listening).toMatchObject({ keepalive: { preset: 'mobile' } })
    const client = await connect(told.port)
    expect(await client.exchange('hello')).toBe('hello')
    await stop(told.child)
  })
})

describe('holdfast serve --protocol: a module that does not export what it should', () => {
  sideBySideFor<[string, string, number, string]>(
    [
      ['nothing', '', 2, 'neither a default export nor one named protocol'],
      ['another name', 'export const handler = {}', 2, 'neither a default export nor one named'],
      ['a number', 'export default 5', 2, 'it exports 5, where a protocol or a handler is needed'],
      ['null', 'export const protocol = null', 2, 'it exports null, where'],
      ['null by default', 'export default null', 2, 'it exports null, where a protocol or a'],
      ['no method', 'export default { data: 1 }', 2, 'handler.data must be a function; got 1'],
      [
        'a name of no option',
        `${IMPORT}export default { ...echo, options: { deadlines: { idleMS: 1 } } }`,
        2,
        'p.mjs": deadlines has no option "idleMS"',
      ],
      [
        'a heartbeat that nobody sends',
        `${IMPORT}export default make({ codec: lines(), message() {}, options: { heartbeat: { intervalMs: 1_000, replyMs: 500 } } })`,
        2,
        'p.mjs": protocol.heartbeat (with options.heartbeat) must be a function',
      ],
      ['a class', 'export default class Chat { data() {} }', 2, 'it exports a class; export an'],
      ['an empty object', 'export default {}', 2, 'with none of open, data, drain, end'],
      ['a definition', 'export default { codec: {}, message() {} }', 2, 'not made by protocol()'],
      ['one without a codec', 'export default { answer() {} }', 2, 'protocol(), and has no codec'],
      ['a function of nothing', 'export default () => {}', 2, 'its function makes undefined'],
      [
        'no codec',
        `${IMPORT}export default make({ message() {} })`,
        2,
        'protocol.codec must be an object; got undefined',
      ],
      [
        'no message',
        `${IMPORT}export default make({ codec: lines() })`,
        2,
        'protocol.message must be a function',
      ],
      [
        'an unknown option of its server',
        `${IMPORT}export default { ...echo, options: { keepAlive: true } }`,
        2,
        'p.mjs": listen has no option "keepAlive"',
      ],
      [
        'a protocol of another copy',
        'export default { codec: {}, options: {}, encode() {}, open() {} }',
        2,
        'a protocol of another copy of holdfast',
      ],
      [
        'an error',
        'throw new Error("no\\nluck")',
        1,
        'failed while loading: Error: no luck (file:',
      ],
      ['an error with its place', '\n\nthrow new TypeError("x")', 1, '/p.mjs:3:7)\n'],
      ['a promise for ever', 'await new Promise(() => {})', 1, 'that nothing is left to settle'],
      [
        'a function of a promise for ever',
        'export default () => new Promise(() => {})',
        1,
        'failed while loading: it waits for a promise that nothing is left to settle',
      ],
      [
        'an error of its function',
        'export default () => { throw 1 }',
        1,
        'failed while loading: 1',
      ],
      [
        'no JavaScript',
        'export default {{',
        1,
        'failed while loading: SyntaxError: Unexpected token',
      ],
      ['a missing import', "import 'not-there'", 1, "Cannot find package 'not-there'"],
    ],
    '%s',
    async ([, code, exitCode, words]) => {
      const file = project('p.mjs', code)
      const { stderr, ...ended } = await holdfast('serve', '--port', '0', '--protocol', file).ended
      expect(ended).toEqual({ code: exitCode, signal: null, stdout: '' })
      expect(stderr).toMatch(/^holdfast: [^\n]+\n$/)
      expect(stderr).toContain(words)
    },
  )

  sideBySide('TypeScript where neither Node nor tsx reads it', async () => {
    const file = project('p.ts', 'export default { data(c: unknown) {} }')
    // As an installation has it: without what holdfast is developed with.
    const installed = path.join(path.dirname(file), 'installed')
    mkdirSync(path.join(installed, 'node_modules'), { recursive: true })
    for (const name of ['package.json', 'dist']) {
      cpSync(path.join(root, name), path.join(installed, name), { recursive: true })
    }
    for (const name of ['build', 'node_modules/commander', 'node_modules/node-gyp-build']) {
      symlinkSync(path.join(root, name), path.join(installed, name))
    }
    const main = path.join(installed, 'dist/cli/main.js')
    const child = new Child([main, 'serve', '--port', '0', '--protocol', file])
    if ((process.features as { typescript?: unknown }).typescript !== undefined) {
      expect(await child.line()).toContain('listening')
      return
    }
    const { code, stdout, stderr } = await child.ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^holdfast: --protocol ".*p\.ts": Node 22\.18 .*: npm install -D tsx\n$/)
  })

  sideBySide('a directory', async () => {
    const directory = path.dirname(project('p.mjs', ''))
    const { code, stderr } = await holdfast('serve', '--protocol', `${directory}/`).ended
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `holdfast: --protocol "${directory}/": it is a directory (${directory})\n`,
    })
  })

  sideBySide('a file that is not there', async () => {
    const { code, stderr } = await holdfast('serve', '--protocol', './not/there.js').ended
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^holdfast: --protocol ".\/not\/there.js": there is no such file \(\/.*\)\n$/,
    )
  })
})

describe('holdfast serve --protocol: what a connection has died of', () => {
  const code = `${IMPORT.replace('echo,', 'echo, ProtocolError,')}export default make({
    codec: lines(),
    options: { keepalive: 'nat' },
    message(conn, line) {
      if (line === 'null') null.name
      throw new ProtocolError('no such op ' + line)
    },
  })`

  sideBySide('stands in its line, and the stack of an error of the handler on stderr', async () => {
    const child = holdfast('serve', '--port', '0', '--protocol', project('p.mjs', code))
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(await child.line())?.[1])
    ;(await connect(port)).socket.end('zzz\n')
    expect(await child.line((line) => line.startsWith('disconnect'))).toMatch(
      /written 0, protocol-error: no such op zzz \(byte 0 of the connection\)$/,
    )
    ;(await connect(port)).socket.end('null\n')
    expect(await child.line((line) => line.startsWith('disconnect'))).toMatch(
      /, handler-error: TypeError: Cannot read properties of null \(reading 'name'\)$/,
    )
    child.kill('SIGTERM')
    const { stderr, code: exitCode } = await child.ended
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(
      /^holdfast: handler-error of connection \d+: TypeError: .*\n +at .*p\.mjs:6/,
    )
    expect(stderr).not.toContain('warning')
  })

  sideBySide('is told in JSON by code, offset and stack', async () => {
    const { child, port } = await serving('--protocol', project('p.mjs', code))
    ;(await connect(port)).socket.end('zzz\n')
    expect(await child.event('disconnect')).toMatchObject({
      error: 'ProtocolError: no such op zzz (byte 0 of the connection)',
      errorDetails: { code: 'ERR_HOLDFAST_PROTOCOL', offset: 0 },
    })
    ;(await connect(port)).socket.end('null\n')
    expect(await child.event('disconnect')).toMatchObject({
      error: "TypeError: Cannot read properties of null (reading 'name')",
      errorDetails: { stack: expect.stringContaining('p.mjs:6') },
    })
    await stop(child)
  })
})

sideBySideFor(
  [
    { name: 'lines', greeting: 'your name?\n', keepalive: 'interactive' },
    { name: 'presence', greeting: '', keepalive: 'nat' },
    { name: 'resp', greeting: '', keepalive: 'cloud-lb' },
    { name: 'discard', greeting: '', keepalive: 'cloud-lb' },
  ],
  'holdfast serve --protocol $name',
  async ({ name, greeting, keepalive }) => {
    const { child, port, listening } = await serving('--protocol', name)
    expect(listening).toMatchObject({ keepalive: { preset: keepalive } })
    const client = await connect(port)
    client.socket.end(name === 'resp' ? 'ping\n' : 'who\n')
    const answers = {
      lines: 'your name?\n* who joined, 1 here\n',
      presence: 'here: nobody\n',
      resp: '+PONG\r\n',
    }
    const { received } = await client.ended
    expect(received.startsWith(greeting)).toBe(true)
    expect((answers as Record<string, string>)[name] ?? '').toContain(received)
    await stop(child)
  },
)
