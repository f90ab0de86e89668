import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const benchDirectory = dirname(dirname(fileURLToPath(import.meta.url)))
export const rootDirectory = dirname(benchDirectory)

/** Where CMake puts the load generator and the baselines in C. */
export const nativeDirectory = join(rootDirectory, 'build', 'bench')
/** Where tsc puts the servers in TypeScript: they run without a loader, as a user's would. */
export const scriptDirectory = join(nativeDirectory, 'js')
