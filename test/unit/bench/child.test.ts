import { describe, expect, it } from 'vitest'
import { Child } from '../../../bench/harness/child.js'

const timeoutMs = 10_000

async function withChild(script: string, use: (child: Child) => Promise<unknown>): Promise<void> {
  const child = new Child('a child', ['sh', '-c', script])
  try {
    await use(child)
  } finally {
    await child.end(timeoutMs)
  }
}

describe('a child', () => {
  it('that says something else is told by what was expected first', async () => {
    await withChild(`echo '{"event":"stats","open":1}'; cat`, async (child) => {
      await expect(child.next('pushing', timeoutMs)).rejects.toThrow(
        'a child: expected "pushing", got "stats": {"event":"stats","open":1}',
      )
    })
  })

  it('is waited for until it has said something on stderr', async () => {
    await withChild('echo not attached yet >&2; echo attached now >&2; cat', (child) =>
      child.hears('attached now', timeoutMs),
    )
  })

  it('that ends or is silent instead is an error', async () => {
    await withChild('echo no right >&2; exit 3', async (child) => {
      await expect(child.hears('attached', timeoutMs)).rejects.toThrow(
        'a child ended (status 3) before "attached": no right',
      )
    })
    await withChild('cat', async (child) => {
      await expect(child.hears('attached', 50)).rejects.toThrow('not "attached" within 50 ms')
    })
  })

  it('ends by the signal it is sent, before it is killed', async () => {
    const child = new Child('a child', [
      'sh',
      '-c',
      `trap 'echo "{\\"event\\":\\"left\\"}"; exit' INT; echo ready >&2; while :; do sleep 0.02; done`,
    ])
    await child.hears('ready', timeoutMs)
    await child.end(timeoutMs, 'SIGINT')
    expect(await child.next('left', timeoutMs)).toEqual({ event: 'left' })
  })
})
