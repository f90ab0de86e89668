import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadNative } from '../../lib/native/load.js'
import type { NativeLayout } from '../../lib/native/reactor.js'
import { Cli } from '../support/process-serve.js'

/** An addon of another version: right in all but its layout. */
function otherAddon(layout: Partial<NativeLayout>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdfast-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = path.join(directory, 'holdfast.cjs')
  const found = { ...loadNative().layout, ...layout }
  writeFileSync(
    file,
    `module.exports = {
      layout: ${JSON.stringify(found)},
      ioKinds: ['epoll', 'uv'],
      createReactor() { throw new Error('used all the same') },
    }`,
  )
  return file
}

function serveWith(addon: string): Cli {
  return new Cli(['serve', '--port', '0'], { env: { HOLDFAST_ADDON: addon } })
}

describe('an addon that was built from other sources', () => {
  it.each<[string, () => Partial<NativeLayout>, string]>([
    ['longer records', () => ({ recordWords: 10 }), 'recordWords is 10, expected 8'],
    [
      'another order of reasons',
      () => ({ reasons: [...loadNative().layout.reasons].reverse() }),
      'reasons: found io-error, expected none',
    ],
    [
      'one evidence field more',
      () => ({ evidenceFields: [...loadNative().layout.evidenceFields, 'mood'] }),
      'evidenceFields: found mood, expected undefined',
    ],
  ])('is refused before it is used: %s', async (_name, layout, difference) => {
    const { code, stdout, stderr } = await serveWith(otherAddon(layout())).ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^holdfast: the native addon does not match this version [^\n]+\n$/)
    expect(stderr).toContain(difference)
  })

  it('that is no addon at all is refused with its place', async () => {
    const { code, stdout, stderr } = await serveWith('/nowhere/holdfast.node').ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^holdfast: [^\n]*\/nowhere\/holdfast\.node[^\n]*\n$/)
  })
})
