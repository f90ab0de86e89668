import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.resetModules()
})

test('a file that HOLDFAST_ADDON names and that is not there is reported by its path', async () => {
  vi.stubEnv('HOLDFAST_ADDON', 'no-such-directory/holdfast.node')
  const { loadNative } = await import('../../../lib/native/load.js')
  expect(() => loadNative()).toThrow(
    expect.objectContaining({
      code: 'ERR_HOLDFAST_ADDON',
      message: expect.stringContaining('no-such-directory/holdfast.node'),
      cause: expect.any(Error),
    }),
  )
})

test('the addon is loaded once and its layout agrees with this package', async () => {
  const { loadNative } = await import('../../../lib/native/load.js')
  const module = loadNative()
  expect(loadNative()).toBe(module)
  expect(module.ioKinds.length).toBeGreaterThan(0)
})
