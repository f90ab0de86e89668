import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HoldfastError } from './errors.js'
import { checkLayout } from './layout-check.js'
import type { NativeModule } from './reactor.js'

const require = createRequire(import.meta.url)

// lib/native/ and dist/native/ lie equally deep.
const packageRoot = fileURLToPath(new URL('../../', import.meta.url))

let loaded: NativeModule | null = null

/**
 * Loads the addon once per environment: the file named by HOLDFAST_ADDON when set, else the local
 * build or the prebuilt binary of this platform.
 * @throws HoldfastError ERR_HOLDFAST_ADDON when there is none, ERR_HOLDFAST_LAYOUT when it is another version's
 */
export function loadNative(): NativeModule {
  if (loaded === null) {
    const native = requireAddon()
    checkLayout(native.layout ?? {})
    loaded = native
  }
  return loaded
}

function requireAddon(): NativeModule {
  const override = process.env.HOLDFAST_ADDON
  try {
    if (override !== undefined && override !== '') {
      return require(resolve(override)) as NativeModule
    }
    const nodeGypBuild = require('node-gyp-build') as (root: string) => NativeModule
    return nodeGypBuild(packageRoot)
  } catch (error) {
    const place = override === undefined || override === '' ? packageRoot : override
    throw new HoldfastError(
      'ERR_HOLDFAST_ADDON',
      `the native addon could not be loaded from ${place}; "npm run build" in the package builds it`,
      { cause: error },
    )
  }
}
