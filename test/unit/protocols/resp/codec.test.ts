import { describe, expect, test } from 'vitest'
import { command, conversation } from './conversation.js'

const KIB = 1024

describe('commands', () => {
  test('an array of byte strings, whatever its bytes and the letters of its name', async () => {
    const { ask } = conversation()
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('latin1')
    expect(await ask(command('sEt', bytes, `\r\n${bytes}`))).toBe('+OK\r\n')
    expect(await ask(command('GET', bytes))).toBe(`$258\r\n\r\n${bytes}\r\n`)
  })

  test('a line of words', async () => {
    const { ask } = conversation()
    expect(await ask('set  a\t1 \r\n\r\n\nget a\n')).toBe('+OK\r\n$1\r\n1\r\n')
  })

  test('an empty array asks nothing', async () => {
    const { ask } = conversation()
    expect(await ask(`*0\r\n${command('PING')}`)).toBe('+PONG\r\n')
  })

  test('cut at every byte, and byte by byte, they mean the same', async () => {
    const sent = `${command('SET', 'key', 'v'.repeat(12))}ping\r\n${command('GET', 'key')}`
    const answer = `+OK\r\n+PONG\r\n$12\r\n${'v'.repeat(12)}\r\n`
    for (let cut = 1; cut < sent.length; cut++) {
      const { ask } = conversation()
      expect((await ask(sent.slice(0, cut))) + (await ask(sent.slice(cut)))).toBe(answer)
    }
    const { ask } = conversation()
    let heard = ''
    for (const byte of sent) heard += await ask(byte)
    expect(heard).toBe(answer)
  })

  test('a value that comes in many pieces', async () => {
    const { ask } = conversation()
    const value = 'x'.repeat(900 * KIB)
    const sent = command('SET', 'large', value)
    let heard = ''
    for (let at = 0; at < sent.length; at += 60_000) heard += await ask(sent.slice(at, at + 60_000))
    expect(heard).toBe('+OK\r\n')
    expect(await ask(command('GET', 'large'))).toBe(`$${value.length}\r\n${value}\r\n`)
  })
})

describe('what is no command is told, and ends its connection alone', () => {
  test.each([
    ['an argument without $', '*1\r\n+PING\r\n', "'$' was expected", 4, null],
    ['a negative count', '*-1\r\n', 'a length was expected', 1, null],
    ['a negative length', '*1\r\n$-1\r\n', 'a length was expected', 5, null],
    ['a count that is no number', '*x\r\n', 'a length was expected', 1, null],
    ['no count', '*\r\n', 'a length was expected', 1, null],
    ['a count with LF alone', '*1\n', 'a length was expected', 2, null],
    ['too many arguments', '*1025\r\n', 'a length of more than 1024', 1, 1024],
    ['an overflowing count', '*99999999999999999999', 'a length of more than 1024', 1, 1024],
    ['leading zeros without end', `*${'0'.repeat(20)}`, 'a length of more than 1024', 1, 1024],
    ['a long argument', '*1\r\n$1048577\r\n', 'a length of more than 1048576', 5, 1_048_576],
    ['a long command', '*1\r\n$1048570\r\n', 'a command of more than 1048576 bytes', 4, 1_048_576],
    ['an argument that goes on', '*1\r\n$4\r\nPINGS\r\n', 'the end of an argument', 12, null],
    ['a line without end', 'x'.repeat(4096), 'no end of a line within 4096 bytes', 0, 4096],
    ['too many words', `${'x '.repeat(1025)}\n`, 'more than 1024 words', 2048, 1024],
  ])('%s', async (_name, sent, what, offset, limit) => {
    const { ask, join, bench, completions } = conversation()
    const other = join()
    const heard = await ask(sent)
    expect(heard).toContain(`-ERR Protocol error: ${what}`)
    expect(heard.indexOf('\r\n')).toBe(heard.length - 2)
    expect(completions).toMatchObject([{ reason: 'protocol-error', error: { offset, limit } }])
    expect(await other.ask(command('PING'))).toBe('+PONG\r\n')
    expect(bench.server.counters.open).toBe(1)
  })

  test('the end within a command', async () => {
    const { ask, client, bench, completions } = conversation()
    await ask('*2\r\n$3\r\nGET\r\n')
    client.end()
    await bench.settle()
    expect(completions).toMatchObject([{ reason: 'protocol-error' }])
    expect(await ask('')).toMatch(/^-ERR Protocol error: the end came within a message/)
  })
})
