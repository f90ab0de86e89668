import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { Child, WELL } from '../support/process-child.js'
import { serving, stop } from '../support/process-serve.js'

// The clients of the Debian package redis-tools, against `holdfast serve --protocol resp`.

function missingTool(): string {
  const missing = ['redis-cli', 'redis-benchmark'].filter(
    (tool) => spawnSync(tool, ['--version']).error !== undefined,
  )
  if (missing.length > 0) {
    process.stderr.write(`SKIPPED: ${missing.join(', ')} not found (Debian: redis-tools)\n`)
  }
  return missing.join(', ')
}

const missing = missingTool()

function cli(port: number, ...args: string[]): Child {
  return new Child(['-p', String(port), ...args], { program: ['redis-cli'] })
}

/** What redis-cli prints, as into a pipe: without types. */
async function ask(port: number, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(port, ...args).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.trimEnd()
}

describe.skipIf(missing !== '')('redis-cli', () => {
  it('has each command answered as it expects', async () => {
    const { child, port } = await serving('--protocol', 'resp', '--quiet')
    const conversation: [string[], string][] = [
      [['PING'], 'PONG'],
      [['ECHO', 'two words'], 'two words'],
      [['GET', 'a'], ''],
      [['SET', 'a', '41'], 'OK'],
      [['INCR', 'a'], '42'],
      [['GET', 'a'], '42'],
      [['EXPIRE', 'a', '100'], '1'],
      [['TTL', 'a'], '100'],
      [['DEL', 'a', 'b'], '1'],
      [['EXISTS', 'a'], '0'],
      [['PUBLISH', 'news', 'rain'], '0'],
      [['-n', '0', 'DBSIZE'], '0'],
    ]
    for (const [args, answer] of conversation) {
      expect([args, await ask(port, ...args)]).toEqual([args, answer])
    }
    expect(await ask(port, 'CLIENT', 'LIST')).toMatch(/^id=\d+ addr=127\.0\.0\.1:\d+ name= age=0 /)
    expect(await ask(port, 'INFO')).toContain('server_name:holdfast')
    const refused = await cli(port, '-e', 'FLY').ended
    expect(refused.code).toBe(1)
    expect(refused.stdout + refused.stderr).toContain("ERR unknown command 'FLY'")
    await stop(child)
  })

  it('reads commands from a pipe, and binary values', async () => {
    const { child, port } = await serving('--protocol', 'resp', '--quiet')
    const value = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const set = new Child(['-p', String(port), '-x', 'SET', 'bytes'], { program: ['redis-cli'] })
    set.process.stdin?.end(value)
    expect((await set.ended).stdout).toBe('OK\n')
    const got = spawnSync('redis-cli', ['-p', String(port), 'GET', 'bytes'], { timeout: 10_000 })
    expect(got.stdout.equals(Buffer.concat([value, Buffer.from('\n')]))).toBe(true)
    await stop(child)
  })

  it('listens to channels', async () => {
    const { child, port } = await serving('--protocol', 'resp', '--quiet')
    const listener = cli(port, 'SUBSCRIBE', 'news', 'sport')
    for (const line of ['subscribe', 'news', '1', 'subscribe', 'sport', '2']) {
      expect(await listener.line()).toBe(line)
    }
    expect(await ask(port, 'PUBLISH', 'news', 'rain')).toBe('1')
    for (const line of ['message', 'news', 'rain']) {
      expect(await listener.line()).toBe(line)
    }
    listener.kill('SIGTERM')
    await listener.ended
    // The server has read of its end when it serves who came later; not before, perhaps.
    await expect.poll(() => ask(port, 'PUBLISH', 'news', 'sun')).toBe('0')
    await stop(child)
  })
})

describe.skipIf(missing !== '')('redis-benchmark', () => {
  it('gets every answer, pipelined and not', async () => {
    const { child, port } = await serving('--protocol', 'resp', '--quiet')
    for (const pipelined of ['1', '16']) {
      const bench = new Child(
        [
          ...['-p', String(port), '-c', '20', '-n', '4000', '-P', pipelined, '-r', '1000'],
          ...['-t', 'ping,set,get,incr', '--csv'],
        ],
        { program: ['redis-benchmark'] },
      )
      const { stdout, ...ended } = await bench.ended
      expect(ended).toEqual(WELL)
      const tests = [...stdout.matchAll(/^"(\w+)","[\d.]+"/gm)].map(([, name]) => name)
      expect(tests).toEqual(['PING_INLINE', 'PING_MBULK', 'SET', 'GET', 'INCR'])
    }
    // 1000 keys at most for SET, as many for INCR.
    const size = Number(await ask(port, 'DBSIZE'))
    expect(size).toBeGreaterThan(1_000)
    expect(size).toBeLessThanOrEqual(2_000)
    await stop(child)
  })
})
