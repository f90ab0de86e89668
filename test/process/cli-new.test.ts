import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect } from 'vitest'
import { Child, root } from '../support/process-child.js'
import { connect } from '../support/process-clients.js'
import { atTestEnd, sideBySide, sideBySideFor } from '../support/process-scope.js'
import { Cli, type JsonEvent } from '../support/process-serve.js'

const main = path.join(root, 'dist/cli/main.js')

function emptyDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdfast-'))
  atTestEnd(() => rmSync(directory, { recursive: true }))
  return directory
}

function make(
  cwd: string,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Child([main, 'new', ...args], { cwd }).ended
}

/** What `npm install` would bring. */
function install(project: string): void {
  const modules = path.join(project, 'node_modules')
  mkdirSync(path.join(modules, '.bin'), { recursive: true })
  symlinkSync(root, path.join(modules, 'holdfast'))
  symlinkSync(main, path.join(modules, '.bin/holdfast'))
  for (const name of ['tsx', 'typescript', '@types']) {
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name))
  }
  symlinkSync(path.join(root, 'node_modules/.bin/tsc'), path.join(modules, '.bin/tsc'))
}

// Without a leak check: node --test ends while its own threads still hold memory of V8.
const npmRun = (cwd: string, script: string) =>
  new Child(['run', script], { program: ['npm'], cwd, abrupt: true })

describe('holdfast new', () => {
  sideBySideFor(
    [
      { language: 'TypeScript', args: [], ending: 'ts' },
      { language: 'JavaScript', args: ['--js'], ending: 'js' },
    ],
    'writes a project in $language whose tests pass, and that serves',
    async ({ args, ending }) => {
      const directory = emptyDirectory()
      const { code, stdout, stderr } = await make(directory, 'lamp-talk', ...args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      for (const line of [`lamp-talk/src/protocol.${ending}`, '  cd lamp-talk', '  npm test']) {
        expect(stdout.split('\n')).toContain(line)
      }
      const project = path.join(directory, 'lamp-talk')
      expect(stdout.split('\n')).toContain('lamp-talk/.gitignore')
      expect(readFileSync(path.join(project, '.gitignore'), 'utf8')).toBe('node_modules/\n')
      expect(existsSync(path.join(project, 'gitignore'))).toBe(false)
      const settings = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8'))
      expect(settings).toMatchObject({ name: 'lamp-talk', type: 'module' })
      // npm resolves the dependency from the project's directory: it is this clone.
      const { holdfast } = settings.dependencies
      expect(path.resolve(project, holdfast.replace(/^file:/, ''))).toBe(root)
      install(project)
      const tests = await npmRun(project, 'test').ended
      expect(tests.code, tests.stdout + tests.stderr).toBe(0)
      expect(tests.stdout).toMatch(/^# pass [1-9]/m)
      if (ending === 'ts') {
        const checked = await npmRun(project, 'typecheck').ended
        expect(checked.code, checked.stdout).toBe(0)
      }
      const [, ...serve] = settings.scripts.start.split(' ')
      const child = new Cli([...serve, '--port', '0', '--json'], { cwd: project })
      const listening: JsonEvent = await child.event('listening')
      const client = await connect(listening.port as number)
      client.socket.end('hello\n')
      expect((await client.ended).received).toBe('welcome to lamp-talk\n1: HELLO\n')
    },
  )

  sideBySide('a test that is there finds a protocol that was broken', async () => {
    const directory = emptyDirectory()
    await make(directory, 'broken', '--js')
    const project = path.join(directory, 'broken')
    install(project)
    const file = path.join(project, 'src/protocol.js')
    const code = readFileSync(file, 'utf8')
    expect(code).toContain('toUpperCase')
    writeFileSync(file, code.replace('toUpperCase', 'toLowerCase'))
    const { code: exitCode, stdout } = await npmRun(project, 'test').ended
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^# fail [1-9]/m)
  })

  sideBySide('writes into an empty directory, and never into another', async () => {
    const directory = emptyDirectory()
    mkdirSync(path.join(directory, 'empty'))
    expect(await make(directory, 'empty', '--js')).toMatchObject({ code: 0 })
    const before = readdirSync(path.join(directory, 'empty'))
    const again = await make(directory, 'empty')
    expect(again).toMatchObject({ code: 2, stdout: '' })
    expect(again.stderr).toMatch(
      /^holdfast: new "empty": .* is there and not an empty directory\n$/,
    )
    expect(readdirSync(path.join(directory, 'empty'))).toEqual(before)
    writeFileSync(path.join(directory, 'file'), '')
    expect(await make(directory, 'file')).toMatchObject({ code: 2 })
  })

  sideBySideFor(
    [
      '',
      '.',
      '..',
      '../up',
      'a/b',
      '@scope/name',
      'Upper',
      '_x',
      'a b',
      'http',
      'holdfast',
      'x'.repeat(215),
    ],
    'refuses the name %j, and writes nothing',
    async (name) => {
      const directory = emptyDirectory()
      const { code, stdout, stderr } = await make(directory, name)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^holdfast: new ".*": must be a package name: [^\n]+\n$/)
      expect(readdirSync(directory)).toEqual([])
      expect(existsSync(path.join(directory, '../up'))).toBe(false)
    },
  )
})
